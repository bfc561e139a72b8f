"""The single days on which the secretariat's desk is open otherwise, as scheduling decided them.

Every page says whether somebody answers the phone, so scheduling is not asked for each: it is asked now and then, and
what it said last holds while it is away. Week and holidays are known at the pages themselves.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import orjson
import structlog

from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem
from gateway.edge.upstream import Service
from gateway.portal.hours import DayHours

_log = structlog.get_logger()

#: As many days as scheduling tells at once.
_TARGET = b"/api/v1/scheduling/calendar?days=62"
_REFRESH_SECONDS = 10.0
_AGAIN_SECONDS = 2.0


@dataclass(slots=True)
class DeskDays:
    """The days that differ, as one worker knows them."""

    service: Service
    moment: Moment
    #: By their day.
    known: Mapping[date, DayHours] = field(default_factory=dict)

    async def learning(self) -> None:
        """Ask scheduling at once and now and then, for ever."""
        while True:
            learned = await self.learn()
            await asyncio.sleep(_REFRESH_SECONDS if learned else _AGAIN_SECONDS)

    async def learn(self) -> bool:
        """Ask scheduling once; whether it told us."""
        request_id = self.moment.request_id(self.moment.read())
        raw = b"GET %b HTTP/1.1\r\nHost: scheduling\r\nx-request-id: %b\r\n\r\n"
        try:
            answer = await self.service.asked(raw % (_TARGET, request_id), 5.0, repeatable=True)
            told = {day.day: day for day in _told(answer)}
        except (Problem, ValueError, KeyError, TypeError) as why:
            _log.info("the desk's days not learned", why=repr(why))
            return False
        self.known = told
        return True


def _told(answer: Answer) -> Iterator[DayHours]:
    if answer.status != 200:
        raise ValueError(f"scheduling answered {answer.status}")
    for item in orjson.loads(answer.body)["days"]:
        if item["exceptional"]:
            day = date.fromisoformat(item["day"])
            yield DayHours.told(day, item["opens"], item["closes"], str(item["reason"]))
