"""Carries letters, each by itself and with care; takes back what a dead copy had, and forgets."""

import asyncio
from asyncio import FIRST_COMPLETED
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.clock import now
from chassis.database import Pool, Record, reading, transaction
from chassis.ids import new_id
from chassis.patience import insist, patiently
from chassis.refusal import Refusal
from services.notifications.commands import following, mails, residents
from services.notifications.commands.accounts import link_in, opened
from services.notifications.commands.following import CONFIRM
from services.notifications.commands.letters import Desk
from services.notifications.jobs.rounds import Rounds
from services.notifications.jobs.ways import PAUSE, Ways
from services.notifications.model.delivery import Delivery, Outcome
from services.notifications.model.lanes import Lanes
from services.notifications.model.routes import Route
from services.notifications.outside import Mail, Post, Told
from services.notifications.store import attempts

_log = structlog.get_logger()

_TRIED = Counter("mails_tried", "Tries to send a mail, by how they ended.", ["outcome"])

_POLL_SECONDS, _STILL_SECONDS = 0.3, 2.0
_BEAT_SECONDS = 1.0
_FORGET_SECONDS = 3600.0
#: How long mails that are under way may take to come to an end when the process is told to stop.
_LAST_SECONDS = 10.0


class Courier:
    """One copy of the sending job; any number of them share the work."""

    def __init__(
        self, pool: Pool, post: Post, desk: Desk, *, second: Post | None = None, lanes: int = 4,
        round_lanes: int = 4,
    ) -> None:  # fmt: skip
        self._pool, self._desk = pool, desk
        self._id = new_id()
        self._ways = Ways(pool, post, second)
        self._lanes = {route: Lanes(lanes) for route in Route}
        #: Many mails of one letter have lanes of their own: a letter never waits behind them.
        self._rounds = Rounds(pool, self._ways, desk, self._id, lanes=round_lanes)
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Carry mails until cancelled; those under way are brought to an end first."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await insist("beat", self._beat)
                tasks.create_task(patiently("beat", self._beat, pause=_BEAT_SECONDS))
                tasks.create_task(
                    patiently("carry", self.carry, pause=_POLL_SECONDS, still=_STILL_SECONDS)
                )
                tasks.create_task(patiently("take back", self.take_back, pause=_BEAT_SECONDS))
                tasks.create_task(patiently("forget", self._forget, pause=_FORGET_SECONDS))
                tasks.create_task(
                    patiently(
                        "rounds", self._rounds.carry, pause=_POLL_SECONDS, still=_STILL_SECONDS
                    )
                )
                tasks.create_task(patiently("late", self._rounds.expire, pause=_BEAT_SECONDS))
                tasks.create_task(patiently("ways", self._ways.settle, pause=_BEAT_SECONDS))
        finally:
            await self._rounds.finish(_LAST_SECONDS)
            if self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=_LAST_SECONDS)

    async def carry(self) -> bool:
        """Take as many mails as there are free lanes; whether to look again at once."""
        route = self._ways.turn(self._lanes)
        if route is None:
            tasks = self._under_way.values()
            await asyncio.wait(tasks, timeout=PAUSE, return_when=FIRST_COMPLETED)
            return True
        lanes = self._lanes[route]
        async with transaction(self._pool) as conn:
            crowded = lanes.crowded()
            taken = await mails.claim(conn, self._id, limit=lanes.free, at=now(), crowded=crowded)
        if taken:
            self._ways.begin(route)
        for mail in taken:
            lanes.enter(mail.domain)
            task = asyncio.create_task(self._send(route, mail))
            self._under_way[mail.delivery_id] = task
            task.add_done_callback(partial(self._ended, lanes, mail))
        return bool(taken)

    def _ended(self, lanes: Lanes, mail: Delivery, task: asyncio.Task[None]) -> None:
        self._under_way.pop(mail.delivery_id, None)
        lanes.leave(mail.domain)
        if not task.cancelled() and (why := task.exception()):
            _log.error("a mail could not be tried", delivery_id=mail.delivery_id, why=repr(why))

    async def _send(self, route: Route, claimed: Delivery) -> None:
        told = await self._try(route, claimed)
        if told is None:
            return

        async def write_down() -> None:
            async with transaction(self._pool) as conn:
                await mails.finish(conn, claimed, told, now())

        await insist("how a mail fared", write_down)
        _TRIED.labels(told.outcome).inc()
        _log.info(
            "mail tried",
            delivery_id=claimed.delivery_id,
            attempt=claimed.attempts,
            outcome=told.outcome,
        )

    async def _try(self, route: Route, claimed: Delivery) -> Told | None:
        try:
            mail = await self._written(claimed)
        except Refusal as why:
            return Told(Outcome.NOT_SENT, str(why))

        async def leave() -> bool:
            async with transaction(self._pool) as conn:
                return await mails.hand_over(conn, claimed, now())

        began = monotonic()
        told = await self._ways.post(route).carry(mail, leave)
        if told is not None:
            self._ways.saw(route, told, monotonic() - began)
            self._lanes[route].took(claimed.domain, monotonic() - began)
        return told

    async def _written(self, claimed: Delivery) -> Mail:
        async with reading(self._pool) as conn:
            return await mails.mail_of(
                conn,
                claimed,
                public_url=self._desk.public_url,
                link_in=self._link_in,
            )

    def _link_in(self, letter: Record) -> str | None:
        if letter["template"] == CONFIRM:
            return self._desk.confirm_link(UUID(letter["about"].partition("/")[2]))
        if letter["template"] == residents.PROVE:
            return self._desk.address_link(UUID(letter["about"].partition("/")[2]))
        return link_in(opened(self._desk, letter["sealed"])) if letter["sealed"] else None

    async def take_back(self, silence: timedelta = mails.SILENCE) -> bool:
        """Tries whose copy is gone, and our own that we know nothing of, are brought to an end."""
        async with reading(self._pool) as conn:
            in_hand = [*self._under_way, *self._rounds.in_hand]
            lost = await attempts.orphans(conn, self._id, in_hand, silence)
        for row in lost:
            async with transaction(self._pool) as conn:
                await mails.take_back(conn, row["delivery_id"], row["attempt"], now())
            _log.warning("a try was taken back", delivery_id=row["delivery_id"])
        return bool(lost)

    async def _beat(self) -> bool:
        async with transaction(self._pool) as conn:
            await attempts.alive(conn, self._id)
        return False

    async def _forget(self) -> bool:
        async with transaction(self._pool) as conn:
            await mails.forget(conn)
            await following.forget(conn, now())
            await residents.forget(conn, now())
        return False
