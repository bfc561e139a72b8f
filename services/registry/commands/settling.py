"""What was read back from the signing service becomes what the registry knows."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from contracts.registry import (
    ContractBounced,
    ContractLinkExpired,
    ContractReminded,
    ContractSent,
)
from services.registry.commands.contract_facts import note_step, save_and_say
from services.registry.commands.signed import conclude, unsigned
from services.registry.commands.signing import Worker, held
from services.registry.model.agreement import (
    LINK_LIFE,
    REMIND_AFTER,
    Agreement,
    ContractState,
    Signer,
    Wanted,
)
from services.registry.model.match import Match
from services.registry.model.signing import (
    Document,
    DocumentStatus,
    bounced,
    rejected,
    was_reminded,
)
from services.registry.store import agreements, matches, signing


async def settle(
    conn: Connection,
    contract_id: UUID,
    worker: Worker,
    document: Document,
    certificate: bytes | None,
    *,
    due: datetime | None,
) -> None:
    """What was read back becomes what we know; ``due`` is when the look was due, as it was when it began."""
    found = await held(conn, contract_id, worker)
    if found is None:
        return
    match = await matches.match_for_update(conn, found.match_id)
    turned = await _settle_signers(conn, contract_id, document, worker.at)
    read = replace(found, misses=0, delayed_until=None)
    if document.status is DocumentStatus.CONCLUDED:
        await conclude(conn, read, match, certificate or b"", worker.at)
    elif document.status is DocumentStatus.CANCELLED:
        await unsigned(conn, read, match, worker.at, rejected=rejected(document))
    elif document.status is DocumentStatus.OUT:
        out = await _settle_out(conn, read, match, document, worker, turned=turned)
        if found.look_at != due:
            # Somebody said "look again" while we looked.
            out = replace(out, look_at=worker.at)
        await agreements.save_agreement(conn, out)


async def _settle_out(
    conn: Connection,
    found: Agreement,
    match: Match,
    document: Document,
    worker: Worker,
    *,
    turned: bool,
) -> Agreement:
    now, mailed = found, document.mailed_at or worker.at
    if found.state in (ContractState.READY, ContractState.SENDING):
        now = await _went_out(conn, found, match, document, worker)
    elif was_reminded(found, document, await signing.reminders(conn, found.id)):
        if turned:
            now = _next_signer(found, mailed)
        else:
            now = await _was_reminded(conn, found, match, mailed, worker)
    if bounced(document) and now.state is ContractState.OUT:
        moment = now.moment(worker.at)
        now = now.moved(ContractState.BOUNCED, moment, said=True)
        await save_and_say(conn, ContractBounced, now, match)
        await note_step(conn, now, "contract_bounced", at=moment)
    elif not bounced(document) and now.state is ContractState.BOUNCED:
        now = now.moved(ContractState.OUT, worker.at)
    return await _link(conn, now, match, worker)


async def _went_out(
    conn: Connection, found: Agreement, match: Match, document: Document, worker: Worker
) -> Agreement:
    moment = found.moment(worker.at)
    if found.state is ContractState.READY:
        found = found.moved(ContractState.SENDING, moment)
        await agreements.save_agreement(conn, found)
    mailed = document.mailed_at or worker.at
    out = replace(
        found.moved(ContractState.OUT, moment, said=True),
        wanted=None,
        mailed_at=mailed,
        link_until=mailed + LINK_LIFE,
    )
    await save_and_say(conn, ContractSent, out, match, link_until=out.link_until)
    await note_step(conn, out, "contract_sent", at=moment)
    return out


def _next_signer(found: Agreement, mailed: datetime) -> Agreement:
    """The next signer has a link of their own, and is reminded of it once."""
    return replace(
        found,
        version=found.version + 1,
        mailed_at=mailed,
        link_until=mailed + LINK_LIFE,
        link_expired_at=None,
        reminded_by_itself=False,
    )


async def _was_reminded(
    conn: Connection, found: Agreement, match: Match, mailed: datetime, worker: Worker
) -> Agreement:
    moment = found.moment(worker.at)
    reminded = replace(
        found.noted(now=moment),
        version=found.version + 1,
        wanted=None if found.wanted is Wanted.REMIND else found.wanted,
        mailed_at=mailed,
        link_until=mailed + LINK_LIFE,
        link_expired_at=None,
        reminded_count=found.reminded_count + 1,
    )
    await save_and_say(conn, ContractReminded, reminded, match, link_until=reminded.link_until)
    await note_step(conn, reminded, "contract_reminded", at=moment)
    return reminded


async def _link(conn: Connection, found: Agreement, match: Match, worker: Worker) -> Agreement:
    """The seventh day reminds once by itself; on the tenth the link is dead. Then the next look."""
    mailed, dead = found.mailed_at or worker.at, found.link_until or worker.at + LINK_LIFE
    if worker.at >= dead and found.link_expired_at is None:
        moment = found.moment(worker.at)
        found = replace(found.noted(now=moment), link_expired_at=moment, version=found.version + 1)
        await save_and_say(conn, ContractLinkExpired, found, match)
        await note_step(conn, found, "contract_link_expired", at=moment)
    due = mailed + REMIND_AFTER
    if found.wanted is None and not found.reminded_by_itself and worker.at >= due:
        return replace(found, wanted=Wanted.REMIND, reminded_by_itself=True, look_at=worker.at)
    coming = (worker.at + worker.every, due, dead)
    return replace(found, look_at=min(t for t in coming if t > worker.at))


async def _settle_signers(
    conn: Connection, contract_id: UUID, document: Document, at: datetime
) -> bool:
    """How far each signer has come; whether one more has agreed."""
    turned = False
    for signer in await agreements.signers_of(conn, contract_id):
        seen = document.participant(signer.mail)
        if seen is not None and seen.status != signer.state:
            turned = turned or seen.status == "agreed"
            as_seen = _as_seen(signer, seen.status, seen.changed_at or at)
            await agreements.save_signer(conn, contract_id, as_seen)
    return turned


def _as_seen(signer: Signer, state: str, at: datetime) -> Signer:
    opened = signer.opened_at or (at if state in ("opened", "agreed", "rejected") else None)
    agreed = at if state == "agreed" else signer.agreed_at
    return replace(signer, state=state, opened_at=opened, agreed_at=agreed)
