"""Reviewers propose for many at once, a second person approves."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Ask, Body, Query, Routes
from services.benefits.api.roles import APPROVERS, MUNICIPALITY, REVIEWERS
from services.benefits.commands import proposing
from services.benefits.model.eligibility import Reason
from services.benefits.store import budget, measures, reviews
from services.benefits.store.reviews import Proposal

routes = Routes("/api/v1/benefits", tag="benefits")

_Id = Annotated[UUID, Field(strict=False)]


class ProposalBody(Body):
    """One outcome for many applications of one measure; who is not approved is told the reason."""

    measure_id: UUID = Field(strict=False)
    application_ids: list[_Id] = Field(min_length=1, max_length=proposing.MOST)
    outcome: Literal["approve", "reject", "revoke"]
    reason: Reason | None = Field(default=None, strict=False)
    message: Annotated[str, StringConstraints(max_length=1000)] = ""


class SentBackBody(Body):
    """Why the second person does not agree."""

    remark: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ProposalsQuery(Query):
    """Which proposals."""

    state: Literal["proposed", "approved", "returned"] = "proposed"


class ItemView(BaseModel):
    """One application of a proposal; ``result``: ``decided``, or ``changed`` when it was left out."""

    application_id: UUID
    reference: str
    amount_yen: int
    changed: bool
    result: str | None


class ProposalView(BaseModel):
    """A proposal, with what it comes to."""

    id: UUID
    measure_id: UUID
    title: str
    outcome: str
    reason: str | None
    message: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    remark: str
    count: int
    amount_yen: int
    #: Whether the one who asks made it, and so cannot approve it.
    own: bool


class ProposalDetail(ProposalView):
    """A proposal with every application of it, and the budget beside it."""

    items: list[ItemView]
    available_yen: int


class ProposalList(BaseModel):
    """Proposals, the oldest first."""

    items: list[ProposalView]


@routes.post("/review/proposals", organisation=MUNICIPALITY, roles=REVIEWERS, status=201)
async def propose(ask: Ask, conn: Connection, body: ProposalBody) -> ProposalDetail:
    """Propose an outcome for many; another person approves."""
    made = await proposing.propose(
        conn,
        ask.organisation_id,
        body.measure_id,
        proposing.Wish(body.outcome, tuple(body.application_ids), body.reason, body.message),
        by=str(ask.principal),
        now=ask.now,
    )
    return await _detail(conn, ask, made)


@routes.get("/review/proposals", organisation=MUNICIPALITY, roles=REVIEWERS)
async def proposals(ask: Ask, conn: Connection, query: ProposalsQuery) -> ProposalList:
    """What waits for a second person, or was decided."""
    found = await reviews.proposals(conn, ask.organisation_id, state=query.state)
    return ProposalList(items=[ProposalView(**await _fields(conn, ask, one)) for one in found])


@routes.get("/review/proposals/{proposal_id}", organisation=MUNICIPALITY, roles=REVIEWERS)
async def proposal(ask: Ask, conn: Connection, proposal_id: UUID) -> ProposalDetail:
    """One proposal with its applications."""
    return await _detail(conn, ask, await reviews.proposal(conn, proposal_id, ask.organisation_id))


@routes.post("/review/proposals/{proposal_id}/approval", organisation=MUNICIPALITY, roles=APPROVERS)
async def approve_proposal(ask: Ask, conn: Connection, proposal_id: UUID) -> ProposalDetail:
    """Approve what another proposed: it counts from now on."""
    done = await proposing.approve(
        conn, ask.organisation_id, proposal_id, by=str(ask.principal), now=ask.now
    )
    return await _detail(conn, ask, done)


@routes.post("/review/proposals/{proposal_id}/return", organisation=MUNICIPALITY, roles=APPROVERS)
async def send_proposal_back(
    ask: Ask, conn: Connection, proposal_id: UUID, body: SentBackBody
) -> ProposalDetail:
    """Do not agree; the applications wait as before."""
    done = await proposing.send_back(
        conn,
        ask.organisation_id,
        proposal_id,
        remark=body.remark,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _detail(conn, ask, done)


async def _fields(conn: Connection, ask: Ask, found: Proposal) -> dict[str, object]:
    measure = await measures.measure(conn, found.measure_id)
    return {
        "id": found.id,
        "measure_id": found.measure_id,
        "title": measure.title,
        "outcome": found.outcome,
        "reason": found.reason,
        "message": found.message,
        "state": found.state,
        "proposed_by": found.proposed_by,
        "proposed_at": found.proposed_at,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "remark": found.remark,
        "count": found.count,
        "amount_yen": found.amount,
        "own": found.proposed_by == str(ask.principal),
    }


async def _detail(conn: Connection, ask: Ask, found: Proposal) -> ProposalDetail:
    items = await reviews.items_of(conn, found.id)
    own = await _fields(conn, ask, found)
    sums = await budget.sums_of(conn, found.measure_id)
    own |= {"count": len(items), "amount_yen": sum(item.amount for item in items)}
    return ProposalDetail.model_validate(
        own
        | {
            "available_yen": sums.available,
            "items": [
                {
                    "application_id": item.application_id,
                    "reference": item.reference,
                    "amount_yen": item.amount,
                    "changed": item.result is None and item.seen != item.now,
                    "result": item.result,
                }
                for item in items
            ],
        }
    )
