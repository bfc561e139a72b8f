"""Carries contracts to the signing service and back, one small step at a time.

Each step first reads how things stand outside and only then does the next thing, and every call that may change
something is written down before it is made. So a process may die anywhere: whoever takes the contract next reads,
and goes on from there (docs/decisions/0022).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.clock import now
from chassis.database import Connection, Pool, transaction
from chassis.ids import new_id
from chassis.patience import patiently
from services.registry.commands import signing as commands
from services.registry.commands.settling import settle
from services.registry.commands.signing import LEASE, SYSTEM, Worker
from services.registry.model.agreement import Agreement, Signer
from services.registry.model.signing import (
    Act,
    Document,
    DocumentStatus,
    Next,
    Tried,
    next_act,
    nonsense,
)
from services.registry.outside import AwayNow, Nonsense, Outside, Refused, SigningService
from services.registry.store import agreements, signing

_log = structlog.get_logger()
_CALLS = Counter(
    "signing_calls", "Calls to the signing service, by how they ended.", ["act", "outcome"]
)
_PAUSE_SECONDS, _STILL_SECONDS = 0.5, 2.0
#: One at a time, so that a contract that fails keeps no other waiting.
_AT_ONCE = 1
#: More steps than any contract needs; the rest would follow at the next look.
_MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class _Seen:
    """A contract as it stands here, and what was tried."""

    agreement: Agreement
    signers: tuple[Signer, ...]
    tries: dict[Act, Tried]
    reminders: int
    resting_until: datetime | None


class SigningClerk:
    """One copy of the signing job; any number of them share the work."""

    def __init__(
        self,
        pool: Pool,
        service: SigningService,
        *,
        clock: Callable[[], datetime] = now,
        every: timedelta = timedelta(hours=1),
        patience: timedelta = timedelta(seconds=30),
    ) -> None:
        self._pool, self._service, self._clock, self._every = pool, service, clock, every
        #: How long an unknown call may still come to an end outside before it is made again.
        self._patience = patience
        self._id = new_id()

    async def run(self) -> None:
        """Attend to contracts until cancelled."""
        await patiently("sign", self.turn, pause=_PAUSE_SECONDS, still=_STILL_SECONDS)

    async def turn(self) -> bool:
        """Attend to the contracts that are due; whether there were any."""
        at = self._clock()
        async with transaction(self._pool) as conn:
            taken = await signing.claim(conn, self._id, at=at, until=at + LEASE, limit=_AT_ONCE)
        for contract_id in taken:
            for _ in range(_MOST_STEPS):
                if not await self._step(contract_id):
                    break
            async with transaction(self._pool) as conn:
                await signing.let_go(conn, contract_id, self._id)
        return bool(taken)

    async def _step(self, contract_id: UUID) -> bool:
        """Read, and do the next thing; whether another step may follow at once."""
        seen = await self._see(contract_id)
        if seen is None:
            return False
        if seen.resting_until is not None:
            until = seen.resting_until
            await self._write(lambda conn, by: commands.delay(conn, contract_id, by, until))
            return False
        try:
            document = await self._look(seen)
            if document is not None and (why := nonsense(seen.agreement, seen.signers, document)):
                raise Nonsense(f"{why}: {document!r}")
            following = self._next(seen, document)
            certificate = await self._certificate(document)
        except Outside as came:
            await self._stumble(contract_id, "read", came)
            return False
        if following.act is not None:
            return await self._go_on(seen, document, following)
        if document is not None:
            found, due = document, seen.agreement.look_at
            await self._write(
                lambda conn, by: settle(conn, contract_id, by, found, certificate, due=due)
            )
        return False

    async def _go_on(self, seen: _Seen, document: Document | None, following: Next) -> bool:
        contract_id, act = seen.agreement.id, following.act
        if act is not None and (at := self._not_before(seen, act)) is not None:
            await self._write(lambda conn, by: commands.look_later(conn, contract_id, by, at=at))
            return False
        return await self._act(seen, document, following)

    async def _see(self, contract_id: UUID) -> _Seen | None:
        async with transaction(self._pool) as conn:
            worker = self._worker()
            found = await commands.held(conn, contract_id, worker)
            if found is None:
                return None
            tries = {act: await signing.last_try(conn, contract_id, act) for act in Act}
            return _Seen(
                found,
                await agreements.signers_of(conn, contract_id),
                {act: tried for act, tried in tries.items() if tried is not None},
                await signing.reminders(conn, contract_id),
                await signing.resting_until(conn, SYSTEM, worker.at),
            )

    async def _look(self, seen: _Seen) -> Document | None:
        """The document as it is outside; one whose id we never heard is looked for by our reference."""
        known = seen.agreement.external_document_id
        if known is not None:
            return await self._service.read(known)
        if Act.CREATE not in seen.tries:
            return None
        found = await self._service.find(seen.agreement.reference)
        if found is not None:
            document_id, contract_id = found.id, seen.agreement.id
            await self._write(
                lambda conn, by: commands.know_document(conn, contract_id, by, document_id)
            )
        return found

    def _next(self, seen: _Seen, document: Document | None) -> Next:
        following = next_act(seen.agreement, seen.signers, document, seen.reminders)
        sent = seen.tries.get(Act.SEND)
        if following.act is Act.SEND and sent is not None and sent.outcome == "done":
            raise Nonsense(f"a draft, though sending was answered well: {document!r}")
        return following

    def _not_before(self, seen: _Seen, act: Act) -> datetime | None:
        """A call nobody knows the end of may still come to one outside; until then it is not made again."""
        tried = seen.tries.get(act)
        if tried is None or tried.outcome not in ("unknown", "under_way"):
            return None
        until = (tried.ended_at or tried.begun_at) + self._patience
        return until if self._clock() < until else None

    async def _certificate(self, document: Document | None) -> bytes | None:
        if document is None or document.status is not DocumentStatus.CONCLUDED:
            return None
        return await self._service.certificate(document.id)

    async def _act(self, seen: _Seen, document: Document | None, following: Next) -> bool:
        """Make one call that was written down first, and write down how it went."""
        contract_id, act = seen.agreement.id, following.act
        assert act is not None
        async with transaction(self._pool) as conn:
            number = await commands.begin(conn, contract_id, self._worker(), act)
        if number is None:
            return False
        try:
            made = await self._call(seen, document, following)
        except Outside as came:
            await self._stumble(contract_id, act, came, number)
            return False
        await self._write(lambda conn, by: _done(conn, contract_id, by, number, made))
        _CALLS.labels(act, "done").inc()
        return True

    async def _call(self, seen: _Seen, document: Document | None, following: Next) -> str | None:
        """The call itself; the id of a document that was made."""
        agreement, act = seen.agreement, following.act
        if document is None:
            return await self._service.create(agreement.title, agreement.reference)
        if act is Act.ATTACH:
            async with transaction(self._pool) as conn:
                pdf = await agreements.file_of(conn, agreement.id)
            await self._service.attach(document.id, agreement.file_name, pdf)
        elif act is Act.ADD_SIGNER and following.signer is not None:
            await self._service.add_signer(document.id, following.signer)
        elif act is Act.CANCEL:
            await self._service.cancel(document.id)
        else:
            await self._service.send_or_remind(document.id)
        return None

    async def _stumble(
        self, contract_id: UUID, asked: str, came: Outside, number: int | None = None
    ) -> None:
        """Something else came back than was hoped for."""
        outcome = {Refused: "refused", AwayNow: "away"}.get(type(came), "unknown")
        _CALLS.labels(asked, outcome).inc()
        _log.warning("the signing service", asked=asked, outcome=outcome, contract_id=contract_id)

        async def write(conn: Connection, by: Worker) -> None:
            if number is not None:
                await signing.end_attempt(
                    conn, contract_id, number, outcome=outcome, answer=came.answer, at=by.at
                )
            if isinstance(came, AwayNow):
                await commands.delay(conn, contract_id, by, came.until)
            elif isinstance(came, Refused) and number is not None:
                await commands.refuse(conn, contract_id, by, Act(asked), came.answer)
            else:
                odd = isinstance(came, Nonsense | Refused)
                told = (asked, came.answer) if odd else None
                await commands.look_later(conn, contract_id, by, odd=told)

        await self._write(write)

    async def _write(self, act: Callable[[Connection, Worker], Awaitable[None]]) -> None:
        """One transaction; were it lost, whoever takes the contract next would read the same again."""
        async with transaction(self._pool) as conn:
            await act(conn, self._worker())

    def _worker(self) -> Worker:
        return Worker(self._id, self._clock(), self._every)


async def _done(
    conn: Connection, contract_id: UUID, by: Worker, number: int, made: str | None
) -> None:
    await signing.end_attempt(
        conn, contract_id, number, outcome="done", answer=made or "", at=by.at
    )
    if made is not None:
        await commands.know_document(conn, contract_id, by, made)
