"""A reviewer proposes for many at once; a second person approves, and then it counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Forbidden, Invalid
from services.benefits.commands import deciding
from services.benefits.commands.deciding import By
from services.benefits.model.application import Application, State
from services.benefits.model.eligibility import Reason
from services.benefits.model.measure import Measure
from services.benefits.store import applications, measures, reviews
from services.benefits.store.reviews import Item, Proposal

MOST = 200
_FROM = {
    "approve": {State.IN_REVIEW},
    "reject": {State.IN_REVIEW, State.RETURNED, State.AWAITING_PARTICIPATION, State.WAITING},
    "revoke": {State.APPROVED},
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is proposed, for which applications."""

    outcome: str
    application_ids: tuple[UUID, ...]
    reason: Reason | None
    message: str


async def propose(
    conn: Connection, municipality_id: UUID, measure_id: UUID, wish: Wish, *, by: str, now: datetime
) -> Proposal:
    """Propose one outcome for many; nothing is decided yet."""
    measure = await measures.measure_of(conn, measure_id, municipality_id)
    _well_formed(wish)
    chosen = await applications.several(conn, sorted(set(wish.application_ids)))
    if len(chosen) != len(set(wish.application_ids)):
        raise applications.unknown()
    _of_one_kind(chosen, measure, wish.outcome)
    elsewhere = await reviews.proposed_elsewhere(conn, [one.id for one in chosen])
    if elsewhere:
        raise Conflict(
            "proposed-already",
            f"{'、'.join(elsewhere[:3])} は、ほかの案で承認を待っています。外してから、もう一度お試しください。",
        )
    made = Proposal(
        id=new_id(),
        municipality_id=municipality_id,
        measure_id=measure_id,
        outcome=wish.outcome,
        reason=wish.reason,
        message=wish.message,
        state="proposed",
        proposed_by=by,
        proposed_at=now,
        decided_by=None,
        decided_at=None,
        remark="",
        count=len(chosen),
        amount=sum(one.amount for one in chosen),
    )
    await reviews.add_proposal(conn, made, {one.id: one.revision for one in chosen})
    return made


async def approve(
    conn: Connection, municipality_id: UUID, proposal_id: UUID, *, by: str, now: datetime
) -> Proposal:
    """The second person approves: all that are as they were seen are decided; the others are left out and named."""
    found = await reviews.proposal(conn, proposal_id, municipality_id, locked=True)
    _undecided(found)
    if found.proposed_by == by:
        raise Forbidden(
            "proposer-is-not-approver",
            "案をつくった方は承認できません。別の職員が承認してください。",
        )
    measure = await measures.measure(conn, found.measure_id)
    results: dict[UUID, str] = {}
    for item in await reviews.items_of(conn, proposal_id):
        results[item.application_id] = await _carry_out(conn, found, item, measure, by, now)
    await reviews.save_results(conn, proposal_id, results)
    await reviews.decide(conn, proposal_id, state="approved", by=by, at=now)
    return replace(found, state="approved", decided_by=by, decided_at=now)


async def send_back(
    conn: Connection,
    municipality_id: UUID,
    proposal_id: UUID,
    *,
    remark: str,
    by: str,
    now: datetime,
) -> Proposal:
    """The second person does not agree; the applications wait as before."""
    found = await reviews.proposal(conn, proposal_id, municipality_id, locked=True)
    _undecided(found)
    await reviews.decide(conn, proposal_id, state="returned", by=by, at=now, remark=remark)
    return replace(found, state="returned", decided_by=by, decided_at=now, remark=remark)


async def _carry_out(
    conn: Connection, wish: Proposal, item: Item, measure: Measure, by: str, now: datetime
) -> str:
    found = await applications.application(conn, item.application_id, locked=True)
    if found.revision != item.seen:
        return "changed"
    both = By(wish.proposed_by, now, approved_by=by)
    if wish.outcome == "approve":
        await deciding.approve(conn, found, measure, both, message=wish.message)
        return "decided"
    act = deciding.reject if wish.outcome == "reject" else deciding.revoke
    reason = Reason(wish.reason or Reason.OTHER)
    try:
        await act(conn, found, measure, both, reason=reason, message=wish.message)
    except Conflict:
        # Raised before anything was written: what receives already is left out.
        return "changed"
    return "decided"


def _undecided(found: Proposal) -> None:
    if found.state != "proposed":
        raise Conflict(
            "proposal-decided", "この案は、もう決まっています。一覧を開き直してください。"
        )


def _well_formed(wish: Wish) -> None:
    if wish.outcome != "approve" and wish.reason is None:
        detail = "理由を一つ選んでください。申込みをした方に伝わります。"
        raise Invalid(
            "proposal-invalid", detail, errors=[FieldError("reason", "reason_missing", detail)]
        )


def _of_one_kind(chosen: list[Application], measure: Measure, outcome: str) -> None:
    for one in chosen:
        if one.measure_id != measure.id:
            raise applications.unknown()
        if one.state not in _FROM[outcome]:
            raise Conflict(
                "application-state",
                f"{one.reference} は、もう別の状態になっています。選び直してください。",
            )
