"""What notifications does by itself: carry mails, take back what a dead copy had, forget."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.ids import new_id
from chassis.patience import insist, patiently
from chassis.refusal import Refusal
from services.notifications.commands import mails
from services.notifications.commands.accounts import link_in, opened
from services.notifications.commands.letters import Desk
from services.notifications.model.delivery import Delivery, Outcome
from services.notifications.outside import Mail, Post, Told
from services.notifications.store import attempts

_log = structlog.get_logger()

_TRIED = Counter("mails_tried", "Tries to send a mail, by how they ended.", ["outcome"])

_POLL_SECONDS = 0.3
_BEAT_SECONDS = 1.0
_FORGET_SECONDS = 3600.0
#: How long mails that are under way may take to come to an end when the process is told to stop.
_LAST_SECONDS = 10.0


class Courier:
    """One copy of the sending job; any number of them share the work."""

    def __init__(self, pool: Pool, post: Post, desk: Desk, *, lanes: int = 4) -> None:
        self._pool, self._post, self._desk, self._lanes = pool, post, desk, lanes
        self._id = new_id()
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Carry mails until cancelled; those under way are brought to an end first."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._beat()
                tasks.create_task(patiently("beat", self._beat, pause=_BEAT_SECONDS))
                tasks.create_task(patiently("carry", self.carry, pause=_POLL_SECONDS))
                tasks.create_task(patiently("take back", self.take_back, pause=_BEAT_SECONDS))
                tasks.create_task(patiently("forget", self._forget, pause=_FORGET_SECONDS))
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=_LAST_SECONDS)

    async def carry(self) -> bool:
        """Take as many mails as there are free lanes; whether there were any."""
        free = self._lanes - len(self._under_way)
        if free == 0:
            await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
            return True
        async with transaction(self._pool) as conn:
            taken = await mails.claim(conn, self._id, limit=free, at=now())
        for mail in taken:
            task = asyncio.create_task(self._send(mail))
            self._under_way[mail.delivery_id] = task
            task.add_done_callback(partial(self._ended, mail.delivery_id))
        return bool(taken)

    def _ended(self, delivery_id: UUID, task: asyncio.Task[None]) -> None:
        self._under_way.pop(delivery_id, None)
        if not task.cancelled() and (why := task.exception()):
            _log.error("a mail could not be tried", delivery_id=delivery_id, why=repr(why))

    async def _send(self, claimed: Delivery) -> None:
        told = await self._try(claimed)
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

    async def _try(self, claimed: Delivery) -> Told | None:
        try:
            mail = await self._written(claimed)
        except Refusal as why:
            return Told(Outcome.NOT_SENT, str(why))

        async def leave() -> bool:
            async with transaction(self._pool) as conn:
                return await mails.hand_over(conn, claimed, now())

        return await self._post.carry(mail, leave)

    async def _written(self, claimed: Delivery) -> Mail:
        async with reading(self._pool) as conn:
            return await mails.mail_of(
                conn,
                claimed,
                public_url=self._desk.public_url,
                link_in=lambda sealed: link_in(opened(self._desk, sealed)),
            )

    async def take_back(self, silence: timedelta = mails.SILENCE) -> bool:
        """Tries whose copy is gone, and our own that we know nothing of, are brought to an end."""
        async with reading(self._pool) as conn:
            lost = await attempts.orphans(conn, self._id, list(self._under_way), silence)
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
        return False
