"""What people do with contracts: write, send, remind, take back, give notice."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.refusal import Conflict, Forbidden, Invalid, NotFound
from contracts.registry import ContractEnded, ContractReady
from contracts.values import OrganisationKind
from services.registry.commands.contract_facts import note_step, save_and_say
from services.registry.commands.match_facts import end_match, standing_of
from services.registry.commands.matches import Actor, own_match
from services.registry.commands.signed import never_sent
from services.registry.model.agreement import (
    Agreement,
    ContractState,
    Signer,
    period_refused,
    signers_refused,
)
from services.registry.model.contract_pdf import contract_pdf
from services.registry.model.contract_text import contract_body, contract_title
from services.registry.model.match import MUNICIPALITY, Match
from services.registry.store import agreements, matches

#: Crockford's letters: none that is taken for another when read aloud.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Written:
    """A contract as the municipality writes it; without words, those that follow from the match."""

    valid_from: date
    valid_until: date
    signers: tuple[Signer, ...]
    title: str = ""
    body: str = ""


async def draft(conn: Connection, match_id: UUID, actor: Actor, written: Written) -> Agreement:
    """The municipality writes a contract for an accepted match."""
    match, side = await own_match(conn, match_id, actor.organisation_id, lock=True)
    _municipality_only(side)
    preparing = match.expected(actor.expected).preparing(now=match.moment(actor.now))
    _check(written, match)
    title, body = await _words(conn, match, written)
    new = _blank(match, written, title, body, actor.now)
    await _add_alone(conn, new)
    await agreements.set_signers(conn, new.id, written.signers)
    await matches.save_match(conn, preparing)
    await note_step(conn, new, "contract_drafted", at=actor.now, side=side, actor=str(actor.by))
    return new


async def edit(conn: Connection, contract_id: UUID, actor: Actor, written: Written) -> Agreement:
    """The municipality writes it otherwise, before it goes out."""
    before, match, side = await _own(conn, contract_id, actor)
    _municipality_only(side)
    _check(written, match)
    title, body = await _words(conn, match, written)
    after = before.edited(
        title=title, body=body, valid_from=written.valid_from, valid_until=written.valid_until
    )
    await agreements.save_agreement(conn, after)
    await agreements.set_signers(conn, contract_id, written.signers)
    return after


async def send(conn: Connection, contract_id: UUID, actor: Actor) -> Agreement:
    """The contract is complete and goes out, or goes out again after it was refused."""
    before, match, side = await _own(conn, contract_id, actor)
    _municipality_only(side)
    pdf = contract_pdf(before.title, before.body)
    digest = hashlib.sha256(pdf).hexdigest()
    moment = before.moment(actor.now)
    after = before.ready(digest=digest, now=moment)
    if before.state is ContractState.DRAFTING:
        await agreements.keep_file(conn, contract_id, pdf, digest)
        await matches.save_match(conn, match.sent_out(now=match.moment(actor.now)))
    await save_and_say(conn, ContractReady, after, match)
    await note_step(conn, after, "contract_ready", at=moment, side=side, actor=str(actor.by))
    return after


async def remind(conn: Connection, contract_id: UUID, actor: Actor) -> Agreement:
    """The signer whose turn it is gets a new link; the one before dies."""
    before, _, side = await _own(conn, contract_id, actor)
    _municipality_only(side)
    after = before.to_remind(now=actor.now)
    await agreements.save_agreement(conn, after)
    return after


async def cancel(conn: Connection, contract_id: UUID, actor: Actor, reason: str) -> Agreement:
    """The sender takes it back: at once while nobody has it, else by way of the signing service."""
    before, match, side = await _own(conn, contract_id, actor)
    _municipality_only(side)
    if before.state not in (ContractState.DRAFTING, ContractState.READY, ContractState.SEND_FAILED):
        after = before.to_cancel(reason, now=actor.now)
        await agreements.save_agreement(conn, after)
        return after
    if before.state is ContractState.READY and await agreements.is_claimed(
        conn, contract_id, actor.now
    ):
        detail = "ちょうど送信の手続き中です。少し待ってから、もう一度お試しください。"
        raise Conflict("contract-busy", detail, retry_after=5)
    return await never_sent(
        conn, before, match, reason=reason, now=actor.now, side=side, actor=str(actor.by)
    )


async def give_notice(
    conn: Connection, contract_id: UUID, actor: Actor, *, ends_on: date, reason: str
) -> Agreement:
    """Either side ends it before its time; a last day that has come ends it at once."""
    before, match, side = await _own(conn, contract_id, actor)
    after = before.ends_early(ends_on, reason, today=actor.today)
    await agreements.save_agreement(conn, after)
    await note_step(
        conn,
        after,
        "notice_given",
        at=actor.now,
        side=side,
        actor=str(actor.by),
        message=reason,
    )
    await matches.save_match(conn, replace(match, version=match.version + 1))
    return after


async def end_over(conn: Connection, contract_id: UUID, today: date, now: datetime) -> bool:
    """The last day of a contract has passed; with it ends the match. Whether it was so."""
    before = await agreements.agreement_for_update(conn, contract_id)
    if before.state is not ContractState.CONCLUDED or before.valid_until >= today:
        return False
    match = await matches.match_for_update(conn, before.match_id)
    moment = before.moment(now)
    after = before.over(now=moment)
    reason = before.reason or "契約期間が終わりました。"
    await save_and_say(
        conn, ContractEnded, after, match, ended_on=before.valid_until, reason=reason
    )
    await note_step(conn, after, "contract_ended", at=moment, message=reason)
    await end_match(
        conn, match, on=date.fromordinal(before.valid_until.toordinal() + 1), reason=reason, now=now
    )
    return True


async def own_agreement(
    conn: Connection, contract_id: UUID, organisation_id: UUID
) -> tuple[Agreement, Match, OrganisationKind]:
    """A contract of an organisation; strangers find nothing."""
    found = await agreements.agreement(conn, contract_id)
    match = await matches.match(conn, found.match_id)
    side = match.side_of(organisation_id)
    if side is None:
        raise NotFound("contract-unknown", "この契約は見つかりません。")
    return found, match, side


async def _own(
    conn: Connection, contract_id: UUID, actor: Actor
) -> tuple[Agreement, Match, OrganisationKind]:
    found = await agreements.agreement_for_update(conn, contract_id)
    match = await matches.match_for_update(conn, found.match_id)
    side = match.side_of(actor.organisation_id)
    if side is None:
        raise NotFound("contract-unknown", "この契約は見つかりません。")
    return found.expected(actor.expected), match, side


def _municipality_only(side: OrganisationKind) -> None:
    if side is not MUNICIPALITY:
        detail = "契約を書いて送るのは自治体です。直したい点は、メッセージで伝えてください。"
        raise Forbidden("contract-sender-only", detail)


def _check(written: Written, match: Match) -> None:
    errors = period_refused(written.valid_from, written.valid_until, match.fiscal_year)
    errors += signers_refused(written.signers)
    if errors:
        raise Invalid("contract-refused", "契約の内容を確かめてください。", errors=errors)


async def _words(conn: Connection, match: Match, written: Written) -> tuple[str, str]:
    entry = (await standing_of(conn, match, written.valid_from)).entry
    body = contract_body(entry, match.conditions, written.valid_from, written.valid_until)
    return written.title or contract_title(entry), written.body or body


def _blank(match: Match, written: Written, title: str, body: str, now: datetime) -> Agreement:
    return Agreement(
        id=new_id(),
        match_id=match.id,
        state=ContractState.DRAFTING,
        reference="MC-" + "".join(secrets.choice(_LETTERS) for _ in range(10)),
        title=title,
        body=body,
        valid_from=written.valid_from,
        valid_until=written.valid_until,
        file_digest=None,
        external_document_id=None,
        wanted=None,
        reason="",
        look_at=None,
        misses=0,
        delayed_until=None,
        mailed_at=None,
        link_until=None,
        link_expired_at=None,
        reminded_count=0,
        reminded_by_itself=False,
        concluded_at=None,
        ended_on=None,
        version=1,
        revision=0,
        created_at=now,
        state_since=now,
        said_at=None,
    )


async def _add_alone(conn: Connection, new: Agreement) -> None:
    try:
        async with conn.transaction():
            await agreements.add_agreement(conn, new)
    except UniqueViolation:
        detail = "このマッチングには、進行中の契約がすでにあります。"
        raise Conflict("contract-exists", detail) from None
