"""The briefings, working groups, subcommittees and the event the programme held, on their own days."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.clock import JAPAN, day_of
from chassis.database import Connection
from services.scheduling.commands import sessions
from services.scheduling.model.opening import due_on
from services.scheduling.model.programme import Typed, programme_of
from services.scheduling.store.sessions import is_known

#: series, number, fiscal year, first day, last day, precision, title, place
_Row = tuple[str, int | None, int, date, date | None, str, str, str]
_HELD: tuple[_Row, ...] = (
    *(
        ("working_group", n, 2022, day, None, "day", "実務検討会", "")
        for n, day in enumerate(
            (
                date(2022, 10, 14),
                date(2022, 11, 25),
                date(2022, 12, 21),
                date(2023, 2, 3),
                date(2023, 3, 10),
            ),
            1,
        )
    ),
    *(
        ("working_group", n, 2023, day, None, "day", "実務検討会", "")
        for n, day in enumerate(
            (date(2023, 5, 12), date(2023, 8, 4), date(2023, 9, 21), date(2023, 12, 14)), 1
        )
    ),
    *(
        ("sdk_subcommittee", n, 2022, day, None, "day", "SDK分科会", "")
        for n, day in enumerate((date(2022, 7, 15), date(2022, 10, 7), date(2023, 1, 27)), 1)
    ),
    *(
        ("briefing_municipality", None, year, day, None, "month", "自治体向け説明会", "")
        for year, day in (
            (2022, date(2022, 8, 1)),
            (2023, date(2023, 3, 1)),
            (2023, date(2023, 6, 1)),
        )
    ),
    *(
        ("briefing_provider", None, 2022, day, None, "day", "決済事業者向け説明会", "")
        for day in (date(2022, 9, 16), date(2023, 1, 25))
    ),
    (
        *("event", 3, 2023, date(2023, 6, 28), date(2023, 6, 30), "range"),
        *("自治体DX展", "東京ビッグサイト"),
    ),
)
_AUDIENCE = {
    "working_group": "members",
    "sdk_subcommittee": "provider",
    "briefing_municipality": "municipality",
    "briefing_provider": "provider",
    "event": "everyone",
}
_PAPERS = {
    "briefing_municipality": ("説明会の資料", "public"),
    "briefing_provider": ("説明会の資料", "public"),
    "working_group": ("検討会の資料", "members"),
    "event": ("当日配布した資料", "public"),
}


async def fill(conn: Connection, *, now: datetime) -> int:
    """Everything that was held, published two weeks before; and what comes next."""
    if await is_known(conn, _id("working_group", date(2022, 10, 14))):
        return 0
    for row in sorted(_HELD, key=lambda row: row[3]):
        await _held(conn, row, now)
    coming = await _coming(conn, now)
    while await sessions.turn(conn, now=now):
        pass
    for row in _HELD:
        await _paper(conn, row)
    return len(_HELD) + coming


def _id(series: str, day: date) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://machipo.example/demo/session/{series}/{day}")


async def _held(conn: Connection, row: _Row, now: datetime) -> None:
    series, number, year, first, last, precision, title, place = row
    typed = Typed(
        series=series,
        number=number,
        fiscal_year=year,
        title=title,
        audience=_AUDIENCE[series],
        precision=precision,
        first_on=first,
        last_on=last,
        place=place,
    )
    at = datetime.combine(first - timedelta(days=14), time(10), JAPAN).astimezone(UTC)
    made = await sessions.draft(conn, programme_of(typed), now=at, session_id=_id(series, first))
    await sessions.publish_session(conn, made.id, version=made.version, now=at)


async def _paper(conn: Connection, row: _Row) -> None:
    found = _PAPERS.get(row[0])
    if found is None:
        return
    title, audience = found
    day = (row[4] or row[3]) + timedelta(days=32 if row[5] == "month" else 3)
    at = datetime.combine(day, time(10), JAPAN).astimezone(UTC)
    await sessions.add_material(
        conn, _id(row[0], row[3]), title=title, audience=audience, address="/documents", now=at
    )


async def _coming(conn: Connection, now: datetime) -> int:
    """What comes next: a working group and a briefing, with places to sign up for."""
    fiscal_year = day_of(now).year - (day_of(now).month < 4)
    for days, series, title, capacity in (
        (20, "briefing_municipality", "自治体向け説明会", 50),
        (34, "working_group", "実務検討会", 30),
    ):
        day = due_on(day_of(now) + timedelta(days=days), 1, {})
        start = datetime.combine(day, time(14), JAPAN)
        typed = Typed(
            series=series,
            number=1 if series == "working_group" else None,
            fiscal_year=fiscal_year,
            title=title,
            summary="制度とシステムの説明、質問の時間があります。",
            audience=_AUDIENCE[series],
            precision="time",
            first_on=day,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            link="https://meeting.machipo.example/briefing",
            capacity=capacity,
            sign_up_from=now - timedelta(hours=1),
            sign_up_until=start - timedelta(days=1),
        )
        made = await sessions.draft(conn, programme_of(typed), now=now)
        await sessions.publish_session(conn, made.id, version=made.version, now=now)
    return 2
