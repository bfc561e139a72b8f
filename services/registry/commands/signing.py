"""What the signing job writes down before and after it goes outside, each in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from contracts.registry import (
    ContractDelayed,
    ContractSendFailed,
)
from services.registry.commands.contract_facts import note_step, save_and_say
from services.registry.model.agreement import (
    UNDER_WAY,
    Agreement,
    ContractState,
)
from services.registry.model.signing import Act
from services.registry.store import agreements, matches, signing

#: How long a claim holds; longer than any call outside may take.
LEASE = timedelta(seconds=90)
#: The system whose maintenance windows make sending wait.
SYSTEM = "cloudsign"
#: So many looks that came to nothing are nobody's business yet.
_BLINKS = 3
#: A later end than the one that was said, by so little that nobody is told again.
_SAME_DELAY = timedelta(minutes=30)
#: Pauses after the first, second … look that came to nothing.
_PAUSES = (2, 5, 15, 60, 300, 900, 3600)


@dataclass(frozen=True, slots=True)
class Worker:
    """A copy of the job, at an instant."""

    id: UUID
    at: datetime
    #: How often a document that is out is looked at though nobody said anything.
    every: timedelta = timedelta(hours=1)


def pause_after(misses: int) -> timedelta:
    """How long to wait after so many looks that came to nothing."""
    return timedelta(seconds=_PAUSES[min(misses, len(_PAUSES) - 1)])


async def held(conn: Connection, contract_id: UUID, worker: Worker) -> Agreement | None:
    """The contract, locked, if the worker still has it and there is still something to do."""
    found = await agreements.claimed_agreement(conn, contract_id, worker.id, worker.at)
    return found if found is not None and found.state in UNDER_WAY else None


async def begin(conn: Connection, contract_id: UUID, worker: Worker, act: Act) -> int | None:
    """Leave to make a call; committed before it is made. None if somebody else has the contract now."""
    found = await held(conn, contract_id, worker)
    if found is None:
        return None
    if act is Act.SEND and found.state is ContractState.READY:
        await agreements.save_agreement(conn, found.moved(ContractState.SENDING, worker.at))
    await signing.extend(conn, contract_id, worker.id, worker.at + LEASE)
    return await signing.begin_attempt(conn, contract_id, act, worker.at)


async def know_document(
    conn: Connection, contract_id: UUID, worker: Worker, document_id: str
) -> None:
    """Remember which document of the signing service is this contract's."""
    found = await held(conn, contract_id, worker)
    if found is not None and found.external_document_id is None:
        known = replace(found, external_document_id=document_id, version=found.version + 1)
        await agreements.save_agreement(conn, known)


async def look_later(
    conn: Connection,
    contract_id: UUID,
    worker: Worker,
    *,
    odd: tuple[str, str] | None = None,
    at: datetime | None = None,
) -> None:
    """Nothing came of this look; the next follows at an instant, or after a growing pause."""
    if odd is not None:
        asked, answer = odd
        await signing.add_oddity(conn, contract_id, asked=asked, answer=answer, at=worker.at)
    found = await held(conn, contract_id, worker)
    if found is not None:
        then = at or worker.at + pause_after(found.misses)
        await agreements.save_agreement(conn, replace(found, look_at=then, misses=found.misses + 1))


async def delay(
    conn: Connection, contract_id: UUID, worker: Worker, until: datetime | None
) -> None:
    """The signing service rests or is away: everything waits, and who waits for sending is told."""
    found = await held(conn, contract_id, worker)
    if found is None:
        return
    at = until or worker.at + pause_after(found.misses)
    later = replace(found, look_at=at, misses=found.misses + 1)
    if not _to_be_told(found, at, known=until is not None):
        await agreements.save_agreement(conn, later)
        return
    moment = found.moment(worker.at)
    said = replace(later, delayed_until=at, version=found.version + 1).noted(now=moment)
    match = await matches.match(conn, found.match_id)
    await save_and_say(conn, ContractDelayed, said, match, until=at)


def _to_be_told(found: Agreement, at: datetime, *, known: bool) -> bool:
    """Whether people should hear of a delay: of sending, not of a blink, and not of the same one again."""
    sending = found.state in (ContractState.READY, ContractState.SENDING)
    worth = known or found.misses >= _BLINKS
    said = found.delayed_until is not None and at <= found.delayed_until + _SAME_DELAY
    return sending and worth and not said


async def refuse(conn: Connection, contract_id: UUID, worker: Worker, act: Act, why: str) -> None:
    """The signing service said no for good: what was wanted does not happen."""
    found = await held(conn, contract_id, worker)
    if found is None:
        return
    if act in (Act.REMIND, Act.CANCEL):
        after = replace(found, wanted=None, look_at=worker.at + worker.every)
        await agreements.save_agreement(conn, replace(after, version=found.version + 1))
        await note_step(conn, found, f"{act}_refused", at=worker.at, message=why)
        return
    match = await matches.match(conn, found.match_id)
    moment = found.moment(worker.at)
    failed = found.moved(ContractState.SEND_FAILED, moment, said=True)
    failed = replace(failed, look_at=None, wanted=None, delayed_until=None)
    await save_and_say(conn, ContractSendFailed, failed, match, message=why)
    await note_step(conn, failed, "contract_send_failed", at=moment, message=why)
