"""Carries many mails of the same letter: a round of them over one line, in lanes no domain fills alone."""

import asyncio
from asyncio import FIRST_COMPLETED
from functools import partial
from time import monotonic
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.patience import insist
from services.notifications.commands import rounds
from services.notifications.commands.letters import Desk
from services.notifications.commands.rounds import Ended
from services.notifications.jobs.ways import PAUSE, Ways
from services.notifications.model.delivery import Delivery, Outcome
from services.notifications.model.lanes import Lanes
from services.notifications.model.routes import Route
from services.notifications.outside import Line, Told

_log = structlog.get_logger()
_TRIED = Counter(
    "wide_mails_tried", "Tries to send one of many mails, by how they ended.", ["outcome"]
)
#: Mails of a round; were this process to die, so many would be handed over once more.
_ROUND = 50
#: What was told is written down at least so often: nobody waits for the whole round of a slow domain.
_WRITTEN_EVERY = 1.0


class Rounds:
    """The lanes of one copy."""

    def __init__(self, pool: Pool, ways: Ways, desk: Desk, sender_id: UUID, *, lanes: int) -> None:
        self._pool, self._ways, self._desk, self._id = pool, ways, desk, sender_id
        self._lanes = {route: Lanes(lanes) for route in Route}
        self._under_way: set[asyncio.Task[None]] = set()
        self._letters = rounds.Letters(desk)
        self._stopping = False
        #: Mails that were taken and whose end is not written yet.
        self.in_hand: set[UUID] = set()

    async def carry(self) -> bool:
        """Begin a round, if a lane is free and something waits; whether to look again at once."""
        route = self._ways.turn(self._lanes)
        if route is None:
            await asyncio.wait(self._under_way, timeout=PAUSE, return_when=FIRST_COMPLETED)
            return True
        async with transaction(self._pool) as conn:
            crowded = self._lanes[route].crowded()
            taken = await rounds.claim(
                conn, self._id, route, crowded=crowded, limit=_ROUND, at=now()
            )
        if taken:
            # Looking for work in vain uses up no turn of the way that is seldom taken.
            self._begin(route, taken)
        return bool(taken)

    def _begin(self, route: Route, taken: list[Delivery]) -> None:
        self._ways.begin(route)
        self.in_hand.update(mail.delivery_id for mail in taken)
        self._lanes[route].enter(taken[0].domain)
        task = asyncio.create_task(self._round(route, taken))
        self._under_way.add(task)
        task.add_done_callback(partial(self._ended, route, taken))

    async def expire(self) -> bool:
        """End what nobody could hand over in time."""
        async with transaction(self._pool) as conn:
            await rounds.expire(conn, now())
        return False

    async def finish(self, seconds: float) -> None:
        """Bring the mail each lane has under way to an end; the rest of its round is given back."""
        self._stopping = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)

    def _ended(self, route: Route, taken: list[Delivery], task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._lanes[route].leave(taken[0].domain)
        self.in_hand.difference_update(mail.delivery_id for mail in taken)
        if not task.cancelled() and (why := task.exception()):
            _log.error("a round was not brought to its end", domain=taken[0].domain, why=repr(why))

    async def _round(self, route: Route, taken: list[Delivery]) -> None:
        async with reading(self._pool) as conn:
            await self._letters.fetch(conn, taken)
        told: list[Ended] = []
        written_at = monotonic()
        async with Line(self._ways.post(route)) as line:
            for mail in taken:
                told.append(Ended(mail, await self._try(route, line, mail)))
                if monotonic() - written_at > _WRITTEN_EVERY:
                    await self._write_down(told)
                    told, written_at = [], monotonic()
        await self._write_down(told)

    async def _try(self, route: Route, line: Line, mail: Delivery) -> Told | None:
        """None for a mail that is given back untried."""
        if self._stopping or line.silent:
            return None
        began = monotonic()
        told = await line.carry(self._letters.mail(mail))
        self._ways.saw(route, told, monotonic() - began)
        self._lanes[route].took(mail.domain, monotonic() - began)
        _TRIED.labels(told.outcome).inc()
        if told.outcome is Outcome.UNKNOWN:
            _log.warning("an answer was lost", delivery_id=mail.delivery_id, answer=told.answer)
        return told

    async def _write_down(self, told: list[Ended]) -> None:
        if not told:
            return

        async def write() -> None:
            async with transaction(self._pool) as conn:
                await rounds.end(conn, told, now())

        await insist("how a round fared", write)
        self.in_hand.difference_update(one.mail.delivery_id for one in told)
