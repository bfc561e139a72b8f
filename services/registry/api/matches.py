"""Matches at the desks: propose, answer, take back, and look at."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.web import Answer, Ask, Body, Query, Routes
from contracts.values import FiscalYear, GrantType
from services.registry.api.documents import SECRETARIAT
from services.registry.api.match_views import MatchRows, MatchView, match_row, match_view
from services.registry.api.registration import APPLICANTS, WRITERS
from services.registry.commands import matches as commands
from services.registry.commands.matches import Actor, Proposal
from services.registry.model.conditions import Conditions
from services.registry.model.match import Match, MatchService, MatchState
from services.registry.store import match_lists, matches

routes = Routes("/api/v1/registry", tag="registry")
Words = Annotated[str, StringConstraints(max_length=2000)]


class WantedService(BaseModel):
    """A payment service, and how it is to grant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    payment_service_id: UUID
    grant_types: Annotated[tuple[GrantType, ...], Field(min_length=1, max_length=3)]


class ProposalBody(Body):
    """With whom, for which year, by which services, on which conditions."""

    partner_id: Annotated[UUID, Field(strict=False)]
    fiscal_year: FiscalYear
    services: Annotated[list[WantedService], Field(min_length=1, max_length=50)]
    conditions: Conditions
    #: The last day for an answer; in two weeks without it.
    answer_by: Annotated[date, Field(strict=False)] | None = None
    message: Words = ""


class AcceptBody(Body):
    """A word to the other side."""

    message: Words = ""


class ReasonBody(Body):
    """Why, in the words the other side gets."""

    message: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class MatchListQuery(Query):
    """Matches in a state and of a year."""

    state: MatchState | None = None
    fiscal_year: FiscalYear | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


@routes.get("/own-matches", organisation=APPLICANTS)
async def own_matches(ask: Ask, conn: Connection, query: MatchListQuery) -> MatchRows:
    """The own matches, what moved last first."""
    return await _rows(conn, ask.organisation_id, query)


@routes.get("/all-matches", organisation=SECRETARIAT)
async def all_matches(conn: Connection, query: MatchListQuery) -> MatchRows:
    """Everybody's matches, what moved last first."""
    return await _rows(conn, None, query)


@routes.post("/own-matches", organisation=APPLICANTS, roles=WRITERS, status=201, answers=MatchView)
async def propose_match(ask: Ask, conn: Connection, body: ProposalBody) -> Answer:
    """Propose to a provider or municipality to work together in a fiscal year."""
    match = await commands.propose(
        conn,
        actor_of(ask),
        Proposal(
            partner_id=body.partner_id,
            fiscal_year=body.fiscal_year,
            services=tuple(
                MatchService(s.payment_service_id, s.grant_types) for s in body.services
            ),
            conditions=body.conditions,
            answer_by=body.answer_by,
            message=body.message,
        ),
    )
    return await _shown(ask, conn, match)


@routes.get("/own-matches/{match_id}", organisation=APPLICANTS, answers=MatchView)
async def own_match(ask: Ask, conn: Connection, match_id: UUID) -> Answer:
    """A match of the own organisation in full."""
    found, _ = await commands.own_match(conn, match_id, ask.organisation_id)
    return await _shown(ask, conn, found)


@routes.get("/all-matches/{match_id}", organisation=SECRETARIAT, answers=MatchView)
async def any_match(ask: Ask, conn: Connection, match_id: UUID) -> Answer:
    """Any match in full."""
    return await _shown(ask, conn, await matches.match(conn, match_id))


@routes.post(
    "/own-matches/{match_id}/accept",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=MatchView,
)
async def accept_match(ask: Ask, conn: Connection, match_id: UUID, body: AcceptBody) -> Answer:
    """Agree to a proposal of the other side."""
    match = await commands.accept(conn, match_id, actor_of(ask), body.message)
    return await _shown(ask, conn, match)


@routes.post(
    "/own-matches/{match_id}/decline",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=MatchView,
)
async def decline_match(ask: Ask, conn: Connection, match_id: UUID, body: ReasonBody) -> Answer:
    """Say no to a proposal of the other side, and why."""
    match = await commands.decline(conn, match_id, actor_of(ask), body.message)
    return await _shown(ask, conn, match)


@routes.post(
    "/own-matches/{match_id}/withdraw",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=MatchView,
)
async def withdraw_match(ask: Ask, conn: Connection, match_id: UUID, body: ReasonBody) -> Answer:
    """Take a match back before its contract is being signed."""
    match = await commands.withdraw(conn, match_id, actor_of(ask), body.message)
    return await _shown(ask, conn, match)


def actor_of(ask: Ask) -> Actor:
    """Who acts for which organisation, when, and having seen which version."""
    return Actor(
        by=ask.principal,
        organisation_id=ask.organisation_id,
        expected=ask.if_match,
        today=ask.today,
        now=ask.now,
    )


async def _rows(conn: Connection, organisation_id: UUID | None, query: MatchListQuery) -> MatchRows:
    rows = await match_lists.page(
        conn,
        organisation_id,
        states=[query.state] if query.state else None,
        fiscal_year=query.fiscal_year,
        after=after_of(query.after, datetime, UUID),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return MatchRows(
        items=[match_row(row) for row in page],
        next=cursor_of(last["state_since"].isoformat(), str(last["id"])) if last else None,
    )


async def _shown(ask: Ask, conn: Connection, match: Match) -> Answer:
    side = match.side_of(ask.organisation_id)
    view = await match_view(conn, match, side)
    return Answer(view, etag=str(view.version))
