"""What identity does by itself: answer what was asked, promote, end, forget."""

import asyncio
import contextlib
from datetime import timedelta

from chassis.clock import now, today
from chassis.database import Pool, transaction
from chassis.patience import patiently
from services.identity.commands import asks, promotion, requests, resident_visits, visiting
from services.identity.commands.office import Office
from services.identity.store import (
    account_requests,
    cards,
    links,
    members,
    resident_sessions,
    sessions,
)
from services.identity.store import asks as kept_asks

_POLL_SECONDS = 1.0
_PROMOTE_SECONDS = 5.0
_SLOW_SECONDS = 60.0
_FORGET_SECONDS = 3600.0


class Clerk:
    """One copy of the jobs; any number of them share the work."""

    def __init__(self, pool: Pool, office: Office) -> None:
        self._pool, self._office = pool, office

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(patiently("answer", self.wait_and_answer, pause=0.02))
            tasks.create_task(patiently("promote", self.promote, pause=_PROMOTE_SECONDS))
            tasks.create_task(patiently("end", self.end, pause=_SLOW_SECONDS))
            tasks.create_task(patiently("forget", self.forget, pause=_FORGET_SECONDS))

    async def wait_and_answer(self) -> bool:
        """Answer one question; without any, wait until somebody asks."""
        self._office.asked.clear()
        if await self.answer():
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._office.asked.wait(), _POLL_SECONDS)
        return False

    async def answer(self) -> bool:
        """Answer the oldest question at a public door; whether there was one."""
        async with transaction(self._pool) as conn:
            ask = await kept_asks.claim_ask(conn, now())
        if ask is None:
            return False
        async with transaction(self._pool) as conn:
            await asks.answer(conn, self._office, ask, now=now())
        return True

    async def promote(self) -> bool:
        """Provisional accounts whose day has come become full ones."""
        async with transaction(self._pool) as conn:
            return await promotion.promote_due(conn, now=now(), today=today()) > 0

    async def end(self) -> bool:
        """Requests nobody confirmed and sessions nobody uses end."""
        async with transaction(self._pool) as conn:
            requests_over = await requests.end_overdue(conn, self._office, now=now())
        async with transaction(self._pool) as conn:
            await resident_visits.end_timed_out(conn, self._office, now=now())
        async with transaction(self._pool) as conn:
            return await visiting.end_timed_out(conn, self._office, now=now()) + requests_over > 0

    async def forget(self) -> bool:
        """What is of no use any more is deleted."""
        at = now()
        terms = self._office.terms
        async with transaction(self._pool) as conn:
            await account_requests.forget_requests(conn, at - timedelta(days=terms.forget_days))
            await sessions.forget_sessions(conn, at - timedelta(days=30))
            await resident_sessions.forget_sessions(conn, at - timedelta(days=30))
            await cards.forget_challenges(conn, at - timedelta(days=1))
            await sessions.forget_tries(conn, at - timedelta(days=2))
            await members.forget_places(conn, at - timedelta(days=180))
            await links.forget_mails(conn, at - timedelta(days=2))
            await kept_asks.forget_asks(conn, at - timedelta(days=1))
        return False
