"""How a contract comes back from the signing service, signed or not, or never gets there."""

from dataclasses import replace
from datetime import datetime

from chassis.clock import day_of
from chassis.database import Connection
from contracts.registry import ContractCancelled, ContractConcluded, ContractRejected
from services.registry.commands.contract_facts import note_step, save_and_say
from services.registry.commands.match_facts import say_active
from services.registry.model.agreement import Agreement, ContractState, Wanted
from services.registry.model.match import Match
from services.registry.store import agreements, matches


async def conclude(
    conn: Connection, found: Agreement, match: Match, certificate: bytes, now: datetime
) -> None:
    """Everybody signed: the contract holds, and carries the match from its first day on."""
    moment = found.moment(now)
    found = await _seen_out(conn, found, moment)
    concluded = replace(
        found.moved(ContractState.CONCLUDED, moment, said=True),
        concluded_at=moment,
        wanted=None,
        look_at=None,
    )
    await save_and_say(
        conn,
        ContractConcluded,
        concluded,
        match,
        concluded_at=moment,
        valid_from=concluded.valid_from,
        valid_until=concluded.valid_until,
    )
    await agreements.keep_certificate(conn, concluded.id, certificate)
    await note_step(conn, concluded, "contract_concluded", at=moment)
    contracted = match.contracted(now=match.moment(now))
    await matches.save_match(conn, contracted)
    if concluded.valid_from <= day_of(now):
        at = contracted.moment(now)
        active = contracted.activated(on=concluded.valid_from, now=at)
        await matches.save_match(conn, active)
        await matches.add_step(conn, match.id, "activated", at=at, side="system", actor="system")
        await say_active(conn, active)


async def unsigned(
    conn: Connection, found: Agreement, match: Match, now: datetime, *, rejected: bool
) -> None:
    """It was refused by a signer or taken back; another may be written for the match."""
    moment = found.moment(now)
    found = await _seen_out(conn, found, moment)
    state = ContractState.REJECTED if rejected else ContractState.CANCELLED
    gone = replace(found.moved(state, moment, said=True), wanted=None, look_at=None)
    if rejected:
        message = "署名者が却下しました。"
        await save_and_say(conn, ContractRejected, gone, match, message=message)
    else:
        ours = found.wanted is Wanted.CANCEL
        message = found.reason if ours else "電子契約の画面で取り消されました。"
        await save_and_say(conn, ContractCancelled, gone, match, reason=message)
    await note_step(conn, gone, f"contract_{state}", at=moment, message=message)
    await matches.save_match(conn, match.come_back(now=match.moment(now)))


async def never_sent(
    conn: Connection,
    before: Agreement,
    match: Match,
    *,
    reason: str,
    now: datetime,
    side: str = "system",
    actor: str = "system",
) -> Agreement:
    """It is taken back while nobody outside has it."""
    moment = before.moment(now)
    gone = before.moved(ContractState.CANCELLED, moment, said=True)
    gone = replace(gone, wanted=None, look_at=None, delayed_until=None, reason=reason)
    if before.state is not ContractState.DRAFTING:
        await matches.save_match(conn, match.come_back(now=match.moment(now)))
    await save_and_say(conn, ContractCancelled, gone, match, reason=reason)
    await note_step(
        conn, gone, "contract_cancelled", at=moment, side=side, actor=actor, message=reason
    )
    return gone


async def _seen_out(conn: Connection, found: Agreement, now: datetime) -> Agreement:
    """A document that came back had been sent, whether or not we saw it."""
    if found.state is not ContractState.READY:
        return found
    sending = found.moved(ContractState.SENDING, now)
    await agreements.save_agreement(conn, sending)
    return sending
