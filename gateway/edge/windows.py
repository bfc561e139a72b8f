"""Maintenance windows at the door: what rests now is answered with when to come again.

Scheduling is asked for its windows at the start and whenever we could not listen; after that its facts keep them true.
Begin and end are compared with the clock here, so that a window acts to the second and while scheduling is away.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

import orjson
import structlog

from chassis.broker.overhear import Overheard
from chassis.clock import now
from contracts.scheduling import MaintenanceCancelled, MaintenanceFact, MaintenanceFinished
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem, resting
from gateway.edge.upstream import Service
from gateway.portal.asking import Window

_log = structlog.get_logger()

_KIND = "scheduling.maintenance."
_TARGET = "/api/v1/scheduling/maintenance?state=open&limit=200"
_AGAIN_SECONDS = 1.0
#: A net under the facts: what is remembered is compared with what scheduling says.
_REFRESH_SECONDS = 30.0
#: What an estimated end that has passed leaves to say.
_SOON_SECONDS = 300
_OVER = (MaintenanceFinished.type, MaintenanceCancelled.type)
#: The functions that rest when a window names none of them. Signing in stays, so that the secretariat can end it.
_WHOLE = {
    "portal": frozenset({"register", "match", "measure", "contract", "apply", "allocate"})
    | {"account", "sign_up", "notices"},
    "application": frozenset({"apply", "allocate"}),
    "identity": frozenset({"sign_in", "account"}),
}


@dataclass(slots=True)
class Windows:
    """The windows one worker knows of."""

    service: Service
    moment: Moment
    #: Whether scheduling has told us since we began to listen.
    learned: bool = False
    _known: dict[UUID, Window] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def check(self, function: str) -> None:
        """Refuse an act of a function that rests now."""
        if not function:
            return
        at = now()
        for window in self._known.values():
            if function in stopped_by(window) and window.acts(at):
                raise self._resting(window, at)

    def open(self) -> list[Window]:
        """Windows that are not over, the one that begins next first."""
        at = now()
        found = [w for w in self._known.values() if w.end_is_estimate or at < w.ends_at]
        return sorted(found, key=lambda w: (w.starts_at, w.maintenance_id))

    def _resting(self, window: Window, at: datetime) -> Problem:
        left = ceil((window.ends_at - at).total_seconds())
        return resting(window, left if left > 0 else _SOON_SECONDS)

    def hears(self) -> None:
        """From now on facts arrive; what was said before is asked for."""
        self._wake.set()

    def fact(self, fact: Overheard) -> None:
        """Take in what a fact says about a window."""
        if not fact.type.startswith(_KIND):
            return
        said = MaintenanceFact.model_validate_json(fact.body)
        self._take(
            Window(
                maintenance_id=said.maintenance_id,
                revision=said.revision,
                system=said.system,
                functions=said.functions,
                starts_at=said.starts_at,
                ends_at=said.ends_at,
                end_is_estimate=said.end_is_estimate,
                impact=said.impact,
                over=fact.type in _OVER,
            )
        )

    def _take(self, window: Window) -> None:
        """Keep the newer of what is known and what is told; a fact may overtake an answer."""
        known = self._known.get(window.maintenance_id)
        if known is None or known.revision <= window.revision:
            self._known[window.maintenance_id] = window

    async def learning(self) -> None:
        """Ask scheduling at once, after each silence and now and then, for ever."""
        while True:
            self._wake.clear()
            learned = await self.learn()
            try:
                pause = _REFRESH_SECONDS if learned else _AGAIN_SECONDS
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    async def learn(self) -> bool:
        """Ask scheduling once; whether it told us."""
        request_id = self.moment.request_id(self.moment.read())
        raw = b"GET %b HTTP/1.1\r\nHost: scheduling\r\nx-request-id: %b\r\n\r\n"
        before = set(self._known.values())
        try:
            answer = await self.service.asked(
                raw % (_TARGET.encode(), request_id), 5.0, repeatable=True
            )
            told = list(_told(answer))
        except (Problem, ValueError, KeyError, TypeError) as why:
            _log.info("windows not learned", why=repr(why))
            return False
        for window in told:
            self._take(window)
        self._drop({w.maintenance_id for w in told}, before)
        self.learned = True
        return True

    def _drop(self, open_now: set[UUID], before: set[Window]) -> None:
        """Forget what scheduling does not name any more: it is over, and we may not have heard so.

        What we heard while scheduling was answering may be news it had none of: that stays until it is over.
        """
        at = now()
        for key, window in list(self._known.items()):
            unheard_of_before = window not in before and not window.over and window.ends_at > at
            if key not in open_now and not unheard_of_before:
                del self._known[key]


def stopped_by(window: Window) -> frozenset[str]:
    """The functions at this door that rest during a window; systems of others stop nothing here."""
    whole = _WHOLE.get(window.system)
    if whole is None:
        return frozenset()
    return frozenset(window.functions) or whole


def _told(answer: Answer) -> Iterator[Window]:
    if answer.status != 200:
        raise ValueError(f"scheduling answered {answer.status}")
    for item in orjson.loads(answer.body)["items"]:
        yield _window(item)


def _window(item: dict[str, Any]) -> Window:
    return Window(
        maintenance_id=UUID(item["id"]),
        revision=int(item["version"]),
        system=str(item["system"]),
        functions=tuple(item["functions"]),
        starts_at=datetime.fromisoformat(item["starts_at"]),
        ends_at=datetime.fromisoformat(item["ends_at"]),
        end_is_estimate=bool(item["end_is_estimate"]),
        impact=str(item["impact"]),
    )
