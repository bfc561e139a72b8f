"""Gathers what a reviewer needs to decide."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database import Connection
from services.registry.model.checking import Guidelines
from services.registry.model.checks import Check, DocumentFacts, checks_of
from services.registry.model.differences import Difference, differences
from services.registry.model.documents import needed_slots, slots_of
from services.registry.model.organisation import Organisation
from services.registry.store import codes, documents, organisations, submissions
from services.registry.store.submissions import Submission


@dataclass(frozen=True, slots=True)
class Review:
    """What was handed in last, what a program sees about it, and what is different from before."""

    organisation: Organisation
    submission: Submission | None
    checks: list[Check]
    differences: list[Difference]


async def review_of(conn: Connection, organisation_id: UUID, *, guidelines: Guidelines) -> Review:
    """Everything about a registration that its reviewer should see."""
    organisation = await organisations.organisation(conn, organisation_id)
    handed_in = await submissions.last_submissions(conn, organisation_id)
    if not handed_in:
        return Review(organisation, None, [], [])
    application = handed_in[0].application
    directory = await codes.directory(conn, [application.code])
    checks = checks_of(
        application,
        entry=directory.get(application.code),
        others=await organisations.registrations_of_entity(
            conn, organisation.kind, application.code, besides=organisation_id
        ),
        guideline=guidelines.of(organisation.kind),
        documents=await _documents(conn, organisation),
    )
    found = (
        differences(
            handed_in[1].application.model_dump(mode="json"), application.model_dump(mode="json")
        )
        if len(handed_in) > 1
        else []
    )
    return Review(organisation, handed_in[0], checks, found)


async def _documents(conn: Connection, organisation: Organisation) -> list[DocumentFacts]:
    states = {f.slot: f.state for f in await documents.documents_of(conn, organisation.id)}
    needed = {s.name for s in needed_slots(organisation.kind, organisation.form)}
    return [
        DocumentFacts(
            label=slot.label, state=states.get(slot.name, "missing"), needed=slot.name in needed
        )
        for slot in slots_of(organisation.kind)
        if slot.name in states or slot.name in needed
    ]
