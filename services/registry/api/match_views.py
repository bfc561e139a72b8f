"""How matches are shown to the desks."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection, Record
from chassis.paging import Page
from contracts.values import FiscalYear, GrantType, OrganisationKind, PaymentServiceKind
from services.registry.model.agreement import Agreement, ContractState
from services.registry.model.conditions import Conditions
from services.registry.model.match import Match, MatchState
from services.registry.model.match_acts import next_acts
from services.registry.store import agreements, matches, organisations, register


class MatchRow(BaseModel):
    """A match in a list."""

    id: UUID
    fiscal_year: FiscalYear
    state: MatchState
    state_since: AwareDatetime
    proposed_by: OrganisationKind
    answer_by: date
    municipality_id: UUID
    municipality_name: str
    provider_id: UUID
    provider_name: str
    services: list[str]


class MatchRows(Page[MatchRow]):
    """A page of matches, what moved last first."""


class MatchedServiceView(BaseModel):
    """A payment service of a match."""

    payment_service_id: UUID
    code: str
    name: str
    kind: PaymentServiceKind
    grant_types: list[GrantType]


class StepView(BaseModel):
    """Something that happened, with the text of whoever did it."""

    at: AwareDatetime
    act: str
    #: ``municipality``, ``provider``, ``secretariat`` or ``system``.
    side: str
    message: str
    contract_id: UUID | None


class ContractRef(BaseModel):
    """A contract of a match."""

    id: UUID
    state: ContractState
    title: str
    valid_from: date
    valid_until: date
    created_at: AwareDatetime


class PartyView(BaseModel):
    """One side of a match."""

    organisation_id: UUID
    code: str
    name: str


class MatchView(BaseModel):
    """A match in full."""

    id: UUID
    fiscal_year: FiscalYear
    state: MatchState
    state_since: AwareDatetime
    proposed_by: OrganisationKind
    answer_by: date
    municipality: PartyView
    provider: PartyView
    services: list[MatchedServiceView]
    conditions: Conditions
    contracts: list[ContractRef]
    history: list[StepView]
    #: What the one who asks may do now: ``accept``, ``decline``, ``withdraw``, ``draft_contract``.
    acts: list[str]
    version: int


def match_row(row: Record) -> MatchRow:
    """A match in a list."""
    return MatchRow.model_validate({**dict(row), "services": row["services"] or []})


async def match_view(conn: Connection, match: Match, side: OrganisationKind | None) -> MatchView:
    """A match in full, as one side or the secretariat sees it."""
    known = {s.id: s.details for s in await register.services_of(conn, match.provider_id)}
    written = await agreements.agreements_of(conn, match.id)
    return MatchView(
        id=match.id,
        fiscal_year=match.fiscal_year,
        state=match.state,
        state_since=match.state_since,
        proposed_by=match.proposed_by,
        answer_by=match.answer_by,
        municipality=await _party(conn, match.municipality_id),
        provider=await _party(conn, match.provider_id),
        services=[
            MatchedServiceView(
                payment_service_id=s.payment_service_id,
                code=known[s.payment_service_id].code,
                name=known[s.payment_service_id].name,
                kind=known[s.payment_service_id].kind,
                grant_types=list(s.grant_types),
            )
            for s in await matches.services_of(conn, match.id)
        ],
        conditions=match.conditions,
        contracts=[_ref(one) for one in written],
        history=[_step(s) for s in await matches.steps_of(conn, match.id)],
        acts=next_acts(match, side, written),
        version=match.version,
    )


async def _party(conn: Connection, organisation_id: UUID) -> PartyView:
    found = await organisations.organisation(conn, organisation_id)
    return PartyView(
        organisation_id=found.id,
        code=found.code or found.claimed_code,
        name=found.name or found.claimed_name,
    )


def _ref(one: Agreement) -> ContractRef:
    return ContractRef.model_validate({f: getattr(one, f) for f in ContractRef.model_fields})


def _step(step: Any) -> StepView:
    return StepView.model_validate({f: getattr(step, f) for f in StepView.model_fields})
