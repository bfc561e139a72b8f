"""What happens to those in the register: they rest, go on, leave, and answer for the year."""

from datetime import date
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from contracts.registry import (
    OrganisationResumed,
    OrganisationSuspended,
    OrganisationWithdrawn,
)
from contracts.values import OrganisationKind
from services.registry.commands.public_facts import (
    Occasion,
    declare,
    end_service,
    resume_service,
    say_listed,
    say_unlisted,
    suspend_service,
)
from services.registry.commands.review import Reviewer
from services.registry.model.application import entry_of
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.items import ListName
from services.registry.model.organisation import Organisation, State
from services.registry.model.payment_service import ServiceState
from services.registry.store import listed, organisations, register, submissions
from services.registry.store.register import Participation


async def suspend(
    conn: Connection, organisation_id: UUID, reviewer: Reviewer, *, effective_on: date, reason: str
) -> Organisation:
    """The registration rests from a day on, and so do the payment services."""
    before = await _in_register(conn, organisation_id, reviewer)
    moment = before.moment(reviewer.now)
    after = before.suspended(effective_on=effective_on, today=reviewer.today, now=moment)
    on = occasion_of(after)
    await _step(conn, after, "suspended", reviewer, reason)
    await say_unlisted(
        conn, OrganisationSuspended.model_validate({**_fields(after, on), "reason": reason})
    )
    for service in await register.services_of(conn, organisation_id):
        if service.state is ServiceState.REGISTERED:
            await suspend_service(conn, on, service, reason)
    return after


async def resume(
    conn: Connection, organisation_id: UUID, reviewer: Reviewer, *, effective_on: date, reason: str
) -> Organisation:
    """The registration counts again from a day on, and so do the payment services."""
    before = await _in_register(conn, organisation_id, reviewer)
    moment = before.moment(reviewer.now)
    after = before.resumed(effective_on=effective_on, today=reviewer.today, now=moment)
    on = occasion_of(after)
    await _step(conn, after, "resumed", reviewer, reason)
    await say_listed(conn, OrganisationResumed.model_validate(_fields(after, on)))
    for service in await register.services_of(conn, organisation_id):
        if service.state is ServiceState.SUSPENDED:
            await resume_service(conn, on, service)
    return after


async def leave(
    conn: Connection, organisation_id: UUID, reviewer: Reviewer, *, effective_on: date, reason: str
) -> Organisation:
    """The organisation leaves the register; its payment services end."""
    before = await _in_register(conn, organisation_id, reviewer)
    moment = before.moment(reviewer.now)
    after = before.left(effective_on=effective_on, today=reviewer.today, now=moment)
    on = occasion_of(after)
    await _step(conn, after, "withdrawn", reviewer, reason)
    await say_unlisted(
        conn, OrganisationWithdrawn.model_validate({**_fields(after, on), "reason": reason})
    )
    for service in await register.services_of(conn, organisation_id):
        if service.state is not ServiceState.ENDED:
            await end_service(conn, on, service, reason)
    for answer in await register.participations_of(conn, organisation_id):
        if answer.fiscal_year >= fiscal_year(effective_on):
            await listed.unlist_from(
                conn, ListName.PARTICIPATION, answer.id, on=effective_on, known=on.at
            )
    return after


async def declare_participation(
    conn: Connection,
    provider_id: UUID,
    year: int,
    reviewer: Reviewer,
    *,
    participating: bool,
    effective_on: date,
) -> Participation:
    """A provider says whether it takes part in a fiscal year; the last answer counts."""
    organisation = await organisations.organisation_for_update(conn, provider_id)
    _may_answer(organisation, year, reviewer.today)
    answers = await register.participations_of(conn, provider_id)
    before = next((a for a in answers if a.fiscal_year == year), None)
    if before is not None and before.participating == participating:
        return before
    if before is not None and effective_on < before.effective_on:
        detail = f"前の回答の日（{before.effective_on}）以後の日を入れてください。"
        error = FieldError("effective_on", "day_refused", detail)
        raise Invalid("day-refused", detail, errors=[error])
    moment = organisation.moment(reviewer.now)
    answer = Participation(
        id=before.id if before else new_id(),
        provider_id=provider_id,
        fiscal_year=year,
        participating=participating,
        effective_on=effective_on,
        declared_at=moment,
        revision=before.revision + 1 if before else 1,
    )
    touched = organisation.touched(now=moment)
    await organisations.save_organisation(conn, touched)
    on = occasion_of(touched)
    await declare(conn, on, answer)
    return answer


def _may_answer(organisation: Organisation, year: int, today: date) -> None:
    if organisation.kind is not OrganisationKind.PROVIDER:
        raise Conflict("not-a-provider", "参画状況を答えるのは決済事業者だけです。")
    if organisation.state is not State.REGISTERED:
        raise Conflict(
            "registration-state", "参画状況を答えられるのは、登録済みの決済事業者だけです。"
        )
    if year > fiscal_year(today) + 1:
        detail = "参画状況は、今年度と来年度の分まで答えられます。"
        error = FieldError("fiscal_year", "fiscal_year_too_late", detail)
        raise Invalid("fiscal-year-too-late", detail, errors=[error])


async def _in_register(conn: Connection, organisation_id: UUID, reviewer: Reviewer) -> Organisation:
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    organisation.expected(reviewer.expected)
    return organisation.reviewed_by(reviewer.by, submitted_by="")


def occasion_of(organisation: Organisation) -> Occasion:
    """What the register says of an organisation now, and since when."""
    if organisation.application is None or organisation.registered_on is None:
        raise Conflict("registration-state", "この団体は、まだ登録されていません。")
    entry = entry_of(organisation.application, organisation.registered_on)
    on = organisation.effective_on or organisation.registered_on
    return Occasion(organisation.id, entry, on, organisation.said_at or organisation.state_since)


def _fields(after: Organisation, on: Occasion) -> dict[str, object]:
    return {
        "organisation_id": after.id,
        "revision": after.revision,
        "occurred_at": on.at,
        "effective_on": on.on,
        "entry": on.entry,
    }


async def _step(
    conn: Connection, after: Organisation, act: str, reviewer: Reviewer, reason: str
) -> None:
    await organisations.save_organisation(conn, after)
    await submissions.add_step(
        conn,
        after.id,
        act,
        at=after.said_at or reviewer.now,
        actor=str(reviewer.by),
        message=reason,
        day=after.effective_on,
    )
