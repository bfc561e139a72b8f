"""Yearly participation: a provider's own answer, or the secretariat's on its behalf."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection
from chassis.web import Ask, Body, Routes
from contracts.principal import Role
from contracts.values import FiscalYear, OrganisationKind
from services.registry.api.documents import SECRETARIAT
from services.registry.api.registration import WRITERS
from services.registry.commands.review import Reviewer
from services.registry.commands.standing import declare_participation
from services.registry.store import register
from services.registry.store.register import Participation

routes = Routes("/api/v1/registry", tag="registry")


class ParticipationBody(Body):
    """Whether the provider takes part in the fiscal year."""

    participating: bool
    #: From which day the answer counts; today without it.
    effective_on: Annotated[date, Field(strict=False)] | None = None


class ParticipationView(BaseModel):
    """A provider's answer for a fiscal year."""

    fiscal_year: int
    participating: bool
    effective_on: date


class OwnParticipation(BaseModel):
    """Every answer of the own organisation, by year."""

    items: list[ParticipationView]


@routes.get("/own-participation", organisation={OrganisationKind.PROVIDER})
async def own_participation(ask: Ask, conn: Connection) -> OwnParticipation:
    """The own answers, by year."""
    found = await register.participations_of(conn, ask.organisation_id)
    return OwnParticipation(items=[_view(a) for a in found])


@routes.put(
    "/participation/{fiscal_year}",
    organisation={OrganisationKind.PROVIDER},
    roles=WRITERS,
)
async def declare_own(
    ask: Ask, conn: Connection, fiscal_year: FiscalYear, body: ParticipationBody
) -> ParticipationView:
    """Say whether the own organisation takes part in a fiscal year."""
    return await _declare(ask, conn, ask.organisation_id, fiscal_year, body)


@routes.put(
    "/registrations/{organisation_id}/participation/{fiscal_year}",
    organisation=SECRETARIAT,
    roles={Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.APPROVER},
)
async def declare_on_behalf(
    ask: Ask,
    conn: Connection,
    organisation_id: UUID,
    fiscal_year: FiscalYear,
    body: ParticipationBody,
) -> ParticipationView:
    """Note a provider's answer that came to the secretariat."""
    return await _declare(ask, conn, organisation_id, fiscal_year, body)


async def _declare(
    ask: Ask, conn: Connection, provider_id: UUID, year: int, body: ParticipationBody
) -> ParticipationView:
    answer = await declare_participation(
        conn,
        provider_id,
        year,
        Reviewer(by=ask.principal, expected=None, today=ask.today, now=ask.now),
        participating=body.participating,
        effective_on=body.effective_on or ask.today,
    )
    return _view(answer)


def _view(answer: Participation) -> ParticipationView:
    return ParticipationView(
        fiscal_year=answer.fiscal_year,
        participating=answer.participating,
        effective_on=answer.effective_on,
    )
