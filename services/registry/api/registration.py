"""An organisation's own registration: the form page by page, handing it in, taking it back."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from contracts.principal import Role
from contracts.registry import OrganisationEntry
from contracts.values import OrganisationKind
from services.registry.api.kept import GUIDELINES
from services.registry.api.showing import public_entry, shown
from services.registry.api.views import RegistrationView
from services.registry.commands import registrations
from services.registry.model.form import (
    ComplianceSection,
    ContactsSection,
    GuidelineSection,
    OrganisationSection,
    PaymentServiceFields,
    PlanSection,
)
from services.registry.model.organisation import State
from services.registry.store import organisations

routes = Routes("/api/v1/registry", tag="registry")

APPLICANTS = {OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER}
WRITERS = {Role.ADMIN, Role.EDITOR}


class DraftBody(Body):
    """Sections of the form that were typed in; each one given replaces the one kept, the others stay."""

    guideline: GuidelineSection | None = None
    organisation: OrganisationSection | None = None
    contacts: ContactsSection | None = None
    plan: PlanSection | None = None
    compliance: ComplianceSection | None = None
    services: list[PaymentServiceFields] | None = None

    def sections(self) -> dict[str, Any]:
        """The sections by name; what was not given is None."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class NothingBody(Body):
    """An empty object: the act says everything."""


class OrganisationView(BaseModel):
    """The own organisation in the register."""

    organisation_id: UUID
    organisation_kind: OrganisationKind
    state: State
    name: str
    code: str
    reference: str | None
    #: The public entry; none while the organisation is not in the register.
    entry: OrganisationEntry | None


@routes.get("/registration", organisation=APPLICANTS, answers=RegistrationView)
async def registration(ask: Ask, conn: Connection) -> Answer:
    """The own registration: form, documents, state, history."""
    return await answer(ask, conn)


@routes.put(
    "/registration/draft",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=RegistrationView,
)
async def save_draft(ask: Ask, conn: Connection, body: DraftBody) -> Answer:
    """Keep sections of the form as typed; nothing is judged yet."""
    await registrations.save_draft(
        conn, ask.organisation_id, body.sections(), expected=ask.if_match, now=ask.now
    )
    return await answer(ask, conn)


@routes.post(
    "/registration/submit",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=RegistrationView,
    status=201,
)
async def submit(ask: Ask, conn: Connection, body: NothingBody) -> Answer:
    """Hand the form in; refused with every field that must be mended."""
    await registrations.submit(
        conn,
        ask.organisation_id,
        by=ask.principal,
        expected=ask.if_match,
        guidelines=ask.app[GUIDELINES],
        today=ask.today,
        now=ask.now,
    )
    return await answer(ask, conn)


@routes.post(
    "/registration/withdraw",
    organisation=APPLICANTS,
    roles=WRITERS,
    if_match=True,
    answers=RegistrationView,
)
async def withdraw(ask: Ask, conn: Connection, body: NothingBody) -> Answer:
    """Take the registration back before there is a result; what was typed stays."""
    await registrations.withdraw_application(
        conn, ask.organisation_id, by=ask.principal, expected=ask.if_match, now=ask.now
    )
    return await answer(ask, conn)


@routes.get("/organisation", organisation=APPLICANTS)
async def organisation(ask: Ask, conn: Connection) -> OrganisationView:
    """The own organisation in the register."""
    found = await organisations.organisation(conn, ask.organisation_id)
    return OrganisationView(
        organisation_id=found.id,
        organisation_kind=found.kind,
        state=found.state,
        name=found.name or found.claimed_name,
        code=found.code or found.claimed_code,
        reference=found.reference,
        entry=public_entry(found),
    )


async def answer(ask: Ask, conn: Connection) -> Answer:
    """The registration of the one who asks, with its version."""
    view = await shown(conn, ask.organisation_id, guidelines=ask.app[GUIDELINES], today=ask.today)
    return Answer(view, etag=str(view.version))
