"""Sessions as they could be read on a day, and as they will stand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import now, today
from chassis.database import Pool, transaction
from services.scheduling import demo
from services.scheduling.commands import sessions
from services.scheduling.model.programme import Typed, programme_of
from tests.scheduling.asking import House
from tests.scheduling.planned import HOUR, published


def _at(day: int) -> datetime:
    return datetime(2023, 5, day, 1, tzinfo=UTC)


def _plan(day: int, place: str = "") -> Typed:
    return Typed(
        series="working_group",
        number=7,
        fiscal_year=2023,
        title="実務検討会",
        audience="members",
        precision="day",
        first_on=date(2023, 6, day),
        place=place,
    )


async def test_a_session_stands_on_each_day_as_it_could_be_read_then(
    pool: Pool, house: House
) -> None:
    async with transaction(pool) as conn:
        made = await sessions.draft(conn, programme_of(_plan(1)), now=_at(1))
        await sessions.publish_session(conn, made.id, version=None, now=_at(2))
        moved = programme_of(_plan(2, "見本会館"))
        await sessions.plan(conn, made.id, moved, note="", version=None, now=_at(4))
        paper = {"title": "資料", "audience": "public", "address": "/documents"}
        await sessions.add_material(conn, made.id, now=_at(6), **paper)
        await sessions.cancel(conn, made.id, note="", version=None, now=_at(8))

    async def read(day: int) -> tuple[Any, ...]:
        seen = await house.anybody().get(f"/sessions/{made.id}?as_of=2023-05-0{day}")
        told = seen.json
        return told["first_on"], told["place"], told["state"], len(told["materials"])

    early = await house.anybody().get(f"/sessions/{made.id}?as_of=2023-05-01")
    assert (early.status, early.code) == (404, "no-such-session")
    assert [await read(day) for day in (2, 3, 4, 6, 8)] == [
        ("2023-06-01", "", "published", 0),
        ("2023-06-01", "", "published", 0),
        ("2023-06-02", "見本会館", "published", 0),
        ("2023-06-02", "見本会館", "published", 1),
        ("2023-06-02", "見本会館", "cancelled", 1),
    ]
    for day, coming in ((1, 0), (2, 1), (7, 1), (8, 0)):
        found = await house.anybody().get(f"/sessions?state=coming&as_of=2023-05-0{day}")
        assert len(found.json["items"]) == coming
    with pytest.raises(Exception, match="stays as it is"):
        await pool.execute("UPDATE session_editions SET place = 'x'")


async def test_what_is_put_into_the_past_was_not_read_there(pool: Pool, house: House) -> None:
    plan = _plan(1)
    open_for: dict[str, Any] = {"sign_up_from": _at(3), "sign_up_until": _at(20)}
    shorter: dict[str, Any] = {"sign_up_from": _at(3), "sign_up_until": _at(5), "place": "見本会館"}
    async with transaction(pool) as conn:
        made = await sessions.draft(conn, programme_of(replace(plan, **open_for)), now=_at(1))
        await sessions.publish_session(conn, made.id, version=None, now=_at(2))
        await sessions.turn(conn, now=_at(3))
        ended = programme_of(replace(plan, **shorter))
        await sessions.plan(conn, made.id, ended, note="", version=None, now=_at(8))
        await sessions.turn(conn, now=_at(8))
    seen = [
        (await house.anybody().get(f"/sessions/{made.id}?as_of=2023-05-0{day}")).json
        for day in (6, 8)
    ]
    assert [(told["state"], told["place"]) for told in seen] == [
        ("registration_open", ""),
        ("closed", "見本会館"),
    ]


async def test_the_sessions_of_a_day_are_those_that_were_known_by_then(
    pool: Pool, house: House
) -> None:
    await demo.fill(pool, now=now())
    asked = "/sessions?as_of=2023-11-30&limit=200"
    [coming] = (await house.anybody().get(f"{asked}&state=coming")).json["items"]
    assert (coming["number"], coming["first_on"], coming["state"]) == (4, "2023-12-14", "published")
    held = (await house.anybody().get(f"{asked}&state=held")).json["items"]
    assert len(held) == 17 and max(s["last_on"] for s in held) == "2023-09-21"
    before = (await house.anybody().get("/sessions?as_of=2023-11-29&state=coming")).json
    assert before["items"] == []
    still = (await house.anybody().get(f"/sessions?as_of={today()}&state=coming")).json
    assert len(still["items"]) == 2


async def test_the_secretariat_sees_the_sessions_of_an_instant_past_or_to_come(
    house: House,
) -> None:
    desk = house.secretariat()
    made = await published(desk)
    start, end = (datetime.fromisoformat(made[n]) for n in ("starts_at", "ends_at"))

    async def stands(at: datetime) -> list[str]:
        told = await desk.get(f"/programme/site?at={at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        assert told.status == 200, told.content
        return [s["state"] for s in told.json["items"]]

    assert await stands(now() - HOUR) == []
    assert await stands(start - HOUR) == ["registration_open"]
    assert await stands(start) == ["closed"]
    assert await stands(end + timedelta(seconds=1)) == ["held"]
    assert (await house.anybody().get("/programme/site?at=2023-11-30T00:00:00Z")).status == 401
