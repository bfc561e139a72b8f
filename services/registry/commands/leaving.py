"""What becomes of a match when one of its sides has left the register: it ends, or nothing comes of it.

Done by a job and not by the act itself: who leaves may have thousands of matches, and each ends in its own transaction.
"""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from contracts.registry import ContractEnded, MatchWithdrawn
from contracts.values import OrganisationKind
from services.registry.commands.contract_facts import note_step, save_and_say
from services.registry.commands.match_facts import end_match, fields_of
from services.registry.commands.signed import never_sent
from services.registry.model.agreement import Agreement, ContractState
from services.registry.model.match import OVER, Match
from services.registry.store import agreements, leavers, matches
from services.registry.store.leavers import Leaver

_REASONS = {
    OrganisationKind.MUNICIPALITY: "自治体の登録が終わったため、終了しました。",
    OrganisationKind.PROVIDER: "決済事業者の登録が終わったため、終了しました。",
}
_IN_FORCE = ContractState.CONCLUDED
_HERE = frozenset({ContractState.READY, ContractState.SEND_FAILED})
_OUTSIDE = frozenset({ContractState.OUT, ContractState.BOUNCED})


async def end_left(conn: Connection, match_id: UUID, today: date, now: datetime) -> bool:
    """End a match, or give it up, if one of its sides has left by today; whether something was done."""
    contract = await agreements.living_for_update(conn, match_id)
    match = await matches.match_for_update(conn, match_id)
    left = await leavers.who_left(conn, match, today)
    if left is None or match.state in OVER:
        return False
    if contract is None or contract.state is ContractState.DRAFTING:
        await _give_up(conn, match, left, now)
        return True
    if contract.state is _IN_FORCE:
        await _end(conn, contract, match, left, now)
        return True
    return await _take_back(conn, contract, match, left, now)


async def _end(
    conn: Connection, contract: Agreement, match: Match, left: Leaver, now: datetime
) -> None:
    reason, moment = _REASONS[left.side], contract.moment(now)
    ended = contract.cut_short(left.on, reason, now=moment)
    await save_and_say(conn, ContractEnded, ended, match, ended_on=ended.ended_on, reason=reason)
    await note_step(conn, ended, "contract_ended", at=moment, message=reason)
    await end_match(conn, match, on=left.on, reason=reason, now=now)


async def _give_up(conn: Connection, match: Match, left: Leaver, now: datetime) -> None:
    reason, moment = _REASONS[left.side], match.moment(now)
    after = match.given_up(now=moment)
    await agreements.drop_draft(conn, match.id, moment)
    await matches.save_match(conn, after)
    await matches.add_step(
        conn, match.id, "withdrawn", at=moment, side="system", actor="system", message=reason
    )
    fields = fields_of(after, moment)
    fact = MatchWithdrawn.model_validate({**fields, "by": left.side, "reason": reason})
    publish(conn, fact)


async def _take_back(
    conn: Connection, contract: Agreement, match: Match, left: Leaver, now: datetime
) -> bool:
    """A contract on its way comes back first: here if nobody has it, else by way of the signing service."""
    reason = _REASONS[left.side]
    if contract.state in _OUTSIDE and contract.wanted is None:
        await agreements.save_agreement(conn, contract.to_cancel(reason, now=now))
        return True
    claimed = await agreements.is_claimed(conn, contract.id, now)
    if contract.state in _HERE and not claimed:
        await never_sent(conn, contract, match, reason=reason, now=now)
        return True
    return False
