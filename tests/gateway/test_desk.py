"""Days on which the desk is open otherwise: every page knows them as scheduling said, though it is away."""

from datetime import timedelta
from typing import Any

import orjson

from chassis.clock import today
from gateway.portal.words import short_day
from tests.gateway.conftest import OpenDoor, Opened
from tests.gateway.standin import StandIn

CALENDAR = "/api/v1/scheduling/calendar"
_SHUT = {"opens": None, "closes": None, "reason": "改修のため"}
#: The one day on which somebody answers: far enough that no hour of today changes what is expected.
_AHEAD = 40


def _next() -> str:
    return f"次は{short_day(today() + timedelta(days=_AHEAD))}10:30から"


def _days(**how: Any) -> bytes:
    """What scheduling tells: nobody answers for two months, but for one day."""
    since = today() - timedelta(days=1)
    days: list[dict[str, Any]] = [
        {"day": str(since + timedelta(days=n)), "exceptional": True, **_SHUT} for n in range(66)
    ]
    days[_AHEAD + 1] |= how
    return orjson.dumps({"days": days})


async def _footer(opened: Opened) -> str:
    answer = await opened.get("/terms", Accept="text/html")
    assert answer.status == 200
    return answer.body.decode()


async def test_every_page_says_what_scheduling_decided_and_keeps_it_while_that_is_away(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    desk = opened.worker.desk
    stand_in.say(CALENDAR, 200, _days())
    assert await desk.learn()
    assert "ただいま受付時間外" in await _footer(opened)
    stand_in.say(CALENDAR, 200, _days(opens="10:30", closes="16:00", reason="臨時の受付"))
    assert await desk.learn()
    assert _next() in await _footer(opened)
    stand_in.say(CALENDAR, 503, b"{}")
    assert not await desk.learn()
    assert _next() in await _footer(opened)


async def test_what_makes_no_sense_is_not_believed(door: OpenDoor, stand_in: StandIn) -> None:
    desk = (await door()).worker.desk
    stand_in.say(CALENDAR, 200, _days(opens="10:30", closes="16:00"))
    assert await desk.learn()
    known = desk.known
    for odd in (b"[]", b"{}", b"<html>", _days(opens="09:00", closes=None), _days(day="tomorrow")):
        stand_in.say(CALENDAR, 200, odd)
        assert not await desk.learn()
        assert desk.known == known


async def test_days_that_are_as_always_are_left_to_week_and_holidays(
    door: OpenDoor, stand_in: StandIn
) -> None:
    desk = (await door()).worker.desk
    plain = {"day": str(today()), "opens": "09:00", "closes": "18:00", "reason": ""}
    stand_in.say(CALENDAR, 200, orjson.dumps({"days": [{**plain, "exceptional": False}]}))
    assert await desk.learn()
    assert desk.known == {}
