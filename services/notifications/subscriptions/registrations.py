"""What the registry says about registrations: letters to the organisation and the secretariat."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.event import Fact
from contracts.registry import (
    ChangeApproved,
    ChangeRejected,
    ChangeRequested,
    OrganisationChanged,
    OrganisationFact,
    OrganisationRegistered,
    OrganisationResumed,
    OrganisationSuspended,
    OrganisationWithdrawn,
    PublicOrganisationFact,
    RegistrationRejected,
    RegistrationReturned,
    RegistrationSubmitted,
    RegistrationWithdrawn,
    ReviewStarted,
)
from services.notifications.commands import organisations
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.writing import Value
from services.notifications.subscriptions.writing import Writer, cause_of


async def _tell(
    desk: Desk,
    conn: Connection,
    fact: OrganisationFact,
    template: str,
    values: Mapping[str, Value],
    *,
    by_mail: bool = True,
) -> None:
    await organisations.tell_organisation(
        conn, desk, cause_of(fact), fact.organisation_id, template, values, by_mail=by_mail
    )


async def _submitted(desk: Desk, conn: Connection, fact: RegistrationSubmitted) -> None:
    await _tell(desk, conn, fact, "registration_received", {"reference": fact.reference})
    values: dict[str, Value] = {
        "reference": fact.reference,
        "applicant": await organisations.applicant_name(conn, fact.organisation_id),
    }
    await organisations.tell_secretariat(conn, desk, cause_of(fact), "registration_arrived", values)


async def _under_review(desk: Desk, conn: Connection, fact: ReviewStarted) -> None:
    values = {"reference": fact.reference}
    await _tell(desk, conn, fact, "registration_under_review", values, by_mail=False)


async def _returned(desk: Desk, conn: Connection, fact: RegistrationReturned) -> None:
    values: dict[str, Value] = {
        "reference": fact.reference,
        "message": fact.message,
        "correct_by": fact.correct_by,
    }
    await _tell(desk, conn, fact, "registration_returned", values)


async def _rejected(desk: Desk, conn: Connection, fact: RegistrationRejected) -> None:
    values = {"reference": fact.reference, "message": fact.message}
    await _tell(desk, conn, fact, "registration_rejected", values)


async def _taken_back(desk: Desk, conn: Connection, fact: RegistrationWithdrawn) -> None:
    await _tell(desk, conn, fact, "registration_taken_back", {"reference": fact.reference})


def _entry(fact: PublicOrganisationFact) -> dict[str, Value]:
    return {"registered_name": one_line(fact.entry.name), "effective_on": fact.effective_on}


async def _registered(desk: Desk, conn: Connection, fact: OrganisationRegistered) -> None:
    values = _entry(fact) | {"reference": fact.reference}
    await _tell(desk, conn, fact, "registration_completed", values)


async def _changed(desk: Desk, conn: Connection, fact: OrganisationChanged) -> None:
    # By mail the organisation hears that its request was granted; what became public lies in the box.
    values = _entry(fact) | {"changed": fact.changed}
    await _tell(desk, conn, fact, "organisation_changed", values, by_mail=False)


async def _suspended(desk: Desk, conn: Connection, fact: OrganisationSuspended) -> None:
    values = _entry(fact) | {"reason": fact.reason}
    await _tell(desk, conn, fact, "organisation_suspended", values)


async def _resumed(desk: Desk, conn: Connection, fact: OrganisationResumed) -> None:
    await _tell(desk, conn, fact, "organisation_resumed", _entry(fact))


async def _withdrawn(desk: Desk, conn: Connection, fact: OrganisationWithdrawn) -> None:
    values = _entry(fact) | {"reason": fact.reason}
    await _tell(desk, conn, fact, "organisation_withdrawn", values)


async def _change_requested(desk: Desk, conn: Connection, fact: ChangeRequested) -> None:
    await _tell(desk, conn, fact, "change_received", {})
    name = await organisations.applicant_name(conn, fact.organisation_id)
    values: dict[str, Value] = {"applicant": name}
    await organisations.tell_secretariat(conn, desk, cause_of(fact), "change_arrived", values)


async def _change_approved(desk: Desk, conn: Connection, fact: ChangeApproved) -> None:
    await _tell(desk, conn, fact, "change_approved", {})


async def _change_rejected(desk: Desk, conn: Connection, fact: ChangeRejected) -> None:
    await _tell(desk, conn, fact, "change_rejected", {"message": fact.message})


WRITERS: Mapping[type[Fact], Writer] = {
    RegistrationSubmitted: _submitted,
    ReviewStarted: _under_review,
    RegistrationReturned: _returned,
    RegistrationRejected: _rejected,
    RegistrationWithdrawn: _taken_back,
    OrganisationRegistered: _registered,
    OrganisationChanged: _changed,
    OrganisationSuspended: _suspended,
    OrganisationResumed: _resumed,
    OrganisationWithdrawn: _withdrawn,
    ChangeRequested: _change_requested,
    ChangeApproved: _change_approved,
    ChangeRejected: _change_rejected,
}
