"""Measures a provider may look at: those its services could be used in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Ask, Query, Routes
from contracts.values import FiscalYear, GrantType, OrganisationKind, PrefectureCode
from services.registry.api.asked import Text
from services.registry.model.agreement import ContractState
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.match import MatchState
from services.registry.model.measure.state import State
from services.registry.store import fitting as store

routes = Routes("/api/v1/registry", tag="registry")


class FittingView(BaseModel):
    """A public measure that grants in a way one of the own services can."""

    measure_id: UUID
    state: State
    title: str
    fiscal_year: FiscalYear
    grant_type: GrantType
    apply_from: AwareDatetime
    apply_until: AwareDatetime
    budget_yen: int
    municipality_id: UUID
    municipality_code: str
    municipality_name: str
    prefecture_code: str | None
    #: Names of own services that could be used in it.
    fitting: list[str]
    #: Names of own services that are.
    in_scope: list[str]
    #: The match with its municipality in its year that is under way or in force, and its last contract.
    match_id: UUID | None
    match_state: MatchState | None
    contract_id: UUID | None
    contract_state: ContractState | None


class FittingPage(Page[FittingView]):
    """A page of measures, by the codes of their municipalities."""


class FittingQuery(Query):
    """Measures of a year, this one without it; by prefecture, way of granting, part of a name."""

    fiscal_year: FiscalYear | None = None
    prefecture: PrefectureCode | None = None
    grant_type: GrantType | None = None
    q: Text | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


@routes.get("/fitting-measures", organisation={OrganisationKind.PROVIDER})
async def fitting_measures(ask: Ask, conn: Connection, query: FittingQuery) -> FittingPage:
    """Measures the own payment services could be used in, and how far one has come with each municipality."""
    rows = await store.fitting(
        conn,
        ask.organisation_id,
        fiscal_year=query.fiscal_year or fiscal_year(ask.today),
        prefecture=query.prefecture,
        grant_type=query.grant_type,
        text=query.q,
        after=after_of(query.after, str, UUID),
        limit=query.limit + 1,
    )
    items = [FittingView.model_validate(_row(dict(row))) for row in rows[: query.limit]]
    more = len(rows) > len(items)
    last = cursor_of(items[-1].municipality_code, str(items[-1].measure_id)) if more else None
    return FittingPage(items=items, next=last)


def _row(row: dict[str, object]) -> dict[str, object]:
    times = {name: datetime.fromisoformat(str(row[name])) for name in ("apply_from", "apply_until")}
    return row | times
