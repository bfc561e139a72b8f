"""Puts together what is shown of a registration."""

from datetime import date
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import FieldError
from contracts.registry import OrganisationEntry
from services.registry.api.views import RegistrationView, registration_view
from services.registry.commands.circumstances import circumstances
from services.registry.model.application import entry_of
from services.registry.model.checking import Guidelines, judged
from services.registry.model.organisation import EDITABLE, IN_REGISTER, Organisation
from services.registry.store import documents, organisations, submissions


async def shown(
    conn: Connection, organisation_id: UUID, *, guidelines: Guidelines, today: date
) -> RegistrationView:
    """A registration as it is now."""
    organisation = await organisations.organisation(conn, organisation_id)
    problems: list[FieldError] = []
    if organisation.state in EDITABLE:
        around = await circumstances(
            conn, organisation, organisation.form, guidelines=guidelines, today=today
        )
        problems = judged(organisation.kind, organisation.form, around)[1]
    return registration_view(
        organisation,
        guideline=guidelines.of(organisation.kind),
        problems=problems,
        files=await documents.documents_of(conn, organisation_id),
        steps=await submissions.steps(conn, organisation_id),
        entry=public_entry(organisation),
    )


def public_entry(organisation: Organisation) -> OrganisationEntry | None:
    """What the register says of an organisation, while it is in the register."""
    if organisation.state not in IN_REGISTER:
        return None
    if organisation.application is None or organisation.registered_on is None:
        return None
    return entry_of(organisation.application, organisation.registered_on)
