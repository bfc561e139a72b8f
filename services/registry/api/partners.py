"""Who may be worked with: services for municipalities, municipalities for providers."""

import json
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection, Record
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Ask, Query, Routes
from contracts.values import (
    FiscalYear,
    GrantType,
    MunicipalityKind,
    OrganisationKind,
    PaymentServiceKind,
    PrefectureCode,
)
from services.registry.api.asked import Text
from services.registry.model.application import MunicipalityApplication, application_from
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.match import MatchState
from services.registry.model.payment_service import ServiceState
from services.registry.store import match_lists, register

routes = Routes("/api/v1/registry", tag="registry")


class OfferView(BaseModel):
    """A payment service of a provider that takes part in the year."""

    payment_service_id: UUID
    code: str
    name: str
    kind: PaymentServiceKind
    grant_types: list[GrantType]
    grant_timing: str
    area_limits: str
    min_grant: int | None
    max_grant: int | None
    daily_cut_off: str
    terms_url: str
    provider_id: UUID
    provider_number: str
    provider_name: str
    #: The match with this provider that is under way or in force.
    match_id: UUID | None
    match_state: MatchState | None


class OfferPage(Page[OfferView]):
    """A page of services, by their codes."""


class OfferQuery(Query):
    """Services by how they grant, what they are, part of a name; of one provider."""

    fiscal_year: FiscalYear | None = None
    grant_type: GrantType | None = None
    kind: PaymentServiceKind | None = None
    q: Text | None = None
    provider_id: UUID | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class DemandView(BaseModel):
    """A municipality with what it plans."""

    municipality_id: UUID
    code: str
    name: str
    kind: MunicipalityKind
    prefecture_code: str | None
    measures_summary: str
    planned_budget_yen: int | None
    wanted_kinds: list[PaymentServiceKind]
    #: With how many providers it works in that year.
    partners: int
    match_id: UUID | None
    match_state: MatchState | None


class DemandPage(Page[DemandView]):
    """A page of municipalities, by their codes."""


class DemandQuery(Query):
    """Municipalities by prefecture, wanted kind of service, part of a name; or one of them."""

    fiscal_year: FiscalYear | None = None
    prefecture: PrefectureCode | None = None
    kind: PaymentServiceKind | None = None
    q: Text | None = None
    municipality_id: UUID | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class OwnServiceView(BaseModel):
    """A payment service of the own organisation."""

    payment_service_id: UUID
    code: str
    name: str
    kind: PaymentServiceKind
    grant_types: list[GrantType]


class OwnServices(BaseModel):
    """The own payment services that are offered, by their codes."""

    items: list[OwnServiceView]


@routes.get("/own-services", organisation={OrganisationKind.PROVIDER})
async def own_services(ask: Ask, conn: Connection) -> OwnServices:
    """The own payment services that are offered."""
    found = await register.services_of(conn, ask.organisation_id)
    return OwnServices(
        items=[
            OwnServiceView(
                payment_service_id=s.id,
                code=s.details.code,
                name=s.details.name,
                kind=s.details.kind,
                grant_types=list(s.details.grant_types),
            )
            for s in found
            if s.state is ServiceState.REGISTERED
        ]
    )


@routes.get("/offers", organisation={OrganisationKind.MUNICIPALITY})
async def offers(ask: Ask, conn: Connection, query: OfferQuery) -> OfferPage:
    """Payment services a municipality may propose to work with."""
    rows = await match_lists.offers(
        conn,
        ask.organisation_id,
        fiscal_year=query.fiscal_year or fiscal_year(ask.today),
        grant_type=query.grant_type,
        kind=query.kind,
        text=query.q,
        provider_id=query.provider_id,
        after=_after(query.after),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    return OfferPage(items=[_offer(r) for r in page], next=_next(rows, page))


@routes.get("/demands", organisation={OrganisationKind.PROVIDER})
async def demands(ask: Ask, conn: Connection, query: DemandQuery) -> DemandPage:
    """Municipalities a provider may propose to work with."""
    rows = await match_lists.demands(
        conn,
        ask.organisation_id,
        fiscal_year=query.fiscal_year or fiscal_year(ask.today),
        prefecture=query.prefecture,
        kind=query.kind,
        text=query.q,
        municipality_id=query.municipality_id,
        after=_after(query.after),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    return DemandPage(items=[_demand(r) for r in page], next=_next(rows, page))


def _after(cursor: str | None) -> str | None:
    keys = after_of(cursor, str)
    return str(keys[0]) if keys else None


def _next(rows: list[Record], page: list[Record]) -> str | None:
    return cursor_of(page[-1]["code"]) if len(rows) > len(page) else None


def _offer(row: Record) -> OfferView:
    return OfferView.model_validate({**json.loads(row["details"]), **dict(row)})


def _demand(row: Record) -> DemandView:
    plan = application_from(row["registered"])
    assert isinstance(plan, MunicipalityApplication)
    return DemandView(
        **{k: v for k, v in row.items() if k != "registered"},
        kind=plan.municipality_kind,
        prefecture_code=plan.prefecture_code,
        measures_summary=plan.measures_summary,
        planned_budget_yen=plan.planned_budget_yen,
        wanted_kinds=list(plan.wanted_kinds),
    )
