"""The maintenance windows the programme announced, on the days it announced them.

The hours of most are not known; they are put where such work is usually done, from 22:00 to 6:00.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.clock import JAPAN, day_of
from chassis.database import Connection
from services.scheduling.commands import maintenance
from services.scheduling.model.maintenance import Plan
from services.scheduling.store.maintenance import is_known

_BY = "service/demo"
_OWN = (date(2022, 12, 16), date(2023, 2, 10), date(2023, 7, 10))
_CLOUDSIGN = (
    date(2022, 11, 15),
    date(2023, 2, 10),
    date(2023, 3, 3),
    date(2023, 5, 8),
    date(2023, 6, 5),
    date(2023, 7, 10),
    date(2023, 8, 10),
    date(2023, 9, 7),
    date(2023, 10, 16),
)
#: The notice of 5 June was corrected a day later: the work moved.
_MOVED = date(2023, 6, 5)
_OWN_IMPACT = (
    "システムメンテナンスのあいだ、自治体マイナポイントの申込みと受け取り先の決定を受け付けません。"
    "申込み状況は、メンテナンス前の内容を確認できます。"
)
_CLOUDSIGN_IMPACT = (
    "クラウドサインのメンテナンスのあいだ、契約書を送れません。"
    "お預かりした契約書は、終わってから順に送ります。"
)


async def fill(conn: Connection, *, now: datetime) -> int:
    """Announce all of them, in the order they were announced; nothing where they are known."""
    if await is_known(conn, window_id("own", _OWN[0])):
        return 0
    for said_on in _OWN:
        plan = _night(
            said_on + timedelta(days=14), "application", ("apply", "allocate"), _OWN_IMPACT
        )
        await _announce(conn, "own", said_on, plan)
    for said_on in _CLOUDSIGN:
        plan = _night(said_on + timedelta(days=8), "cloudsign", ("contract",), _CLOUDSIGN_IMPACT)
        await _announce(conn, "cloudsign", said_on, plan)
    coming = await _coming(conn, now)
    while await maintenance.turn(conn, now=now):
        pass
    return len(_OWN) + len(_CLOUDSIGN) + coming


def window_id(kind: str, said_on: date) -> UUID:
    """The id of a window of the demo, the same on every machine."""
    return uuid5(NAMESPACE_URL, f"https://machipo.example/demo/maintenance/{kind}/{said_on}")


def _night(day: date, system: str, functions: tuple[str, ...], impact: str) -> Plan:
    starts_at = datetime.combine(day, time(22), JAPAN)
    return Plan(system, functions, starts_at, starts_at + timedelta(hours=8), False, impact)


async def _announce(conn: Connection, kind: str, said_on: date, plan: Plan) -> None:
    at = datetime.combine(said_on, time(10), JAPAN)
    made = await maintenance.announce(
        conn, plan, by=_BY, now=at, maintenance_id=window_id(kind, said_on)
    )
    if said_on == _MOVED and kind == "cloudsign":
        later = timedelta(days=1)
        moved = replace(plan, starts_at=plan.starts_at + later, ends_at=plan.ends_at + later)
        await maintenance.change(
            conn,
            made.id,
            moved,
            note="クラウドサインの都合により、実施する日が1日後になりました。",
            version=1,
            by=_BY,
            now=at + later,
        )


async def _coming(conn: Connection, now: datetime) -> int:
    """Something is planned at any time: CloudSign's monthly night, and one of our own."""
    first = (day_of(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    while first.weekday() != 1:
        first += timedelta(days=1)
    night = _night(first + timedelta(days=14), "cloudsign", ("contract",), _CLOUDSIGN_IMPACT)
    made = await maintenance.announce_series(
        conn, night, "FREQ=MONTHLY;BYDAY=3TU;COUNT=6", zone="Asia/Tokyo", by=_BY, now=now
    )
    own = _night(
        day_of(now) + timedelta(days=17), "application", ("apply", "allocate"), _OWN_IMPACT
    )
    await maintenance.announce(conn, own, by=_BY, now=now)
    return len(made) + 1
