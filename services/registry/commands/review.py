"""What the secretariat decides about a registration that was handed in."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError
from contracts.principal import Principal
from contracts.registry import (
    OrganisationRegistered,
    RegistrationRejected,
    RegistrationReturned,
    ReviewStarted,
)
from services.registry.commands.public_facts import Occasion, register_service, say_listed
from services.registry.model.application import ProviderApplication, entry_of
from services.registry.model.documents import slots_of
from services.registry.model.organisation import Organisation
from services.registry.store import documents, organisations, submissions
from services.registry.store.submissions import Submission


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, when, and about which version of the registration."""

    by: Principal
    expected: int | None
    today: date
    now: datetime


async def take(conn: Connection, organisation_id: UUID, reviewer: Reviewer) -> Organisation:
    """Begin with a review."""
    organisation, _ = await _under(conn, organisation_id, reviewer)
    moment = organisation.moment(reviewer.now)
    taken = organisation.taken(now=moment)
    await _save(conn, taken, "review_started", reviewer, moment)
    publish(
        conn,
        ReviewStarted(
            organisation_id=organisation_id,
            revision=taken.revision,
            occurred_at=moment,
            reference=taken.reference or "",
        ),
    )
    return taken


async def return_for_correction(
    conn: Connection,
    organisation_id: UUID,
    reviewer: Reviewer,
    *,
    message: str,
    reason: str,
    remarks: tuple[FieldError, ...],
    correct_by: date,
) -> Organisation:
    """Ask for corrections until a day, with remarks at fields."""
    organisation, _ = await _under(conn, organisation_id, reviewer)
    moment = organisation.moment(reviewer.now)
    returned = organisation.returned(correct_by=correct_by, today=reviewer.today, now=moment)
    await organisations.save_organisation(conn, returned)
    await submissions.add_step(
        conn,
        organisation_id,
        "returned",
        at=moment,
        actor=str(reviewer.by),
        message=message,
        reason=reason,
        remarks=remarks,
        day=correct_by,
    )
    publish(
        conn,
        RegistrationReturned(
            organisation_id=organisation_id,
            revision=returned.revision,
            occurred_at=moment,
            reference=returned.reference or "",
            message=message,
            correct_by=correct_by,
        ),
    )
    return returned


async def reject(
    conn: Connection, organisation_id: UUID, reviewer: Reviewer, *, message: str, reason: str
) -> Organisation:
    """Do not register the organisation, and say why."""
    organisation, _ = await _under(conn, organisation_id, reviewer)
    moment = organisation.moment(reviewer.now)
    rejected = organisation.rejected(now=moment)
    await _save(conn, rejected, "rejected", reviewer, moment, message=message, reason=reason)
    publish(
        conn,
        RegistrationRejected(
            organisation_id=organisation_id,
            revision=rejected.revision,
            occurred_at=moment,
            reference=rejected.reference or "",
            message=message,
        ),
    )
    return rejected


async def approve(
    conn: Connection,
    organisation_id: UUID,
    reviewer: Reviewer,
    *,
    effective_on: date,
    message: str = "",
) -> Organisation:
    """Register the organisation, and a provider's payment services, from a day on."""
    organisation, submission = await _under(conn, organisation_id, reviewer)
    await _documents_are_checked(conn, organisation)
    moment = organisation.moment(reviewer.now)
    approved = organisation.approved(
        submission.application, effective_on=effective_on, today=reviewer.today, now=moment
    )
    await _save(conn, approved, "registered", reviewer, moment, message=message, day=effective_on)
    entry = entry_of(submission.application, effective_on)
    await say_listed(
        conn,
        OrganisationRegistered(
            organisation_id=organisation_id,
            revision=approved.revision,
            occurred_at=moment,
            effective_on=effective_on,
            entry=entry,
            reference=approved.reference or "",
        ),
    )
    if isinstance(submission.application, ProviderApplication):
        occasion = Occasion(organisation_id, entry, effective_on, moment)
        for details in submission.application.services:
            await register_service(conn, occasion, details)
    return approved


async def _under(
    conn: Connection, organisation_id: UUID, reviewer: Reviewer
) -> tuple[Organisation, Submission]:
    """The organisation, locked, and what it handed in last, if the reviewer may decide about it."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    organisation.expected(reviewer.expected)
    handed_in = await submissions.last_submissions(conn, organisation_id)
    if not handed_in:
        raise Conflict("registration-state", "この登録は、まだ提出されていません。")
    return organisation.reviewed_by(reviewer.by, handed_in[0].submitted_by), handed_in[0]


async def _save(
    conn: Connection,
    changed: Organisation,
    act: str,
    reviewer: Reviewer,
    at: datetime,
    *,
    message: str = "",
    reason: str | None = None,
    day: date | None = None,
) -> None:
    await organisations.save_organisation(conn, changed)
    await submissions.add_step(
        conn,
        changed.id,
        act,
        at=at,
        actor=str(reviewer.by),
        message=message,
        reason=reason,
        day=day,
    )


async def _documents_are_checked(conn: Connection, organisation: Organisation) -> None:
    labels = {slot.name: slot.label for slot in slots_of(organisation.kind)}
    for file in await documents.documents_of(conn, organisation.id):
        if file.state != "checked":
            label = labels.get(file.slot, file.name)
            raise Conflict(
                "documents-unchecked",
                f"{label}の中身をまだ確かめられていません。確認が終わってから登録してください。",
            )
