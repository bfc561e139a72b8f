"""What an organisation does with its own registration: save, hand in, take back."""

from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.outbox import publish
from chassis.refusal import Conflict, FieldError, Invalid
from contracts.principal import Principal
from contracts.registry import RegistrationSubmitted, RegistrationWithdrawn
from services.registry.commands.circumstances import circumstances
from services.registry.model.application import MunicipalityApplication, ProviderApplication
from services.registry.model.checking import Guidelines, checked
from services.registry.model.fiscal_year import fiscal_year, next_reference
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import Organisation
from services.registry.store import documents, organisations, register, submissions
from services.registry.store.submissions import Submission

Applied = MunicipalityApplication | ProviderApplication


async def save_draft(
    conn: Connection,
    organisation_id: UUID,
    sections: dict[str, object],
    *,
    expected: int | None,
    now: datetime,
) -> Organisation:
    """Keep some sections of the form as they were typed."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    form = organisation.expected(expected).form.with_sections(**sections)
    saved = organisation.saved(form, now=now)
    await organisations.save_organisation(conn, saved)
    return saved


async def submit(
    conn: Connection,
    organisation_id: UUID,
    *,
    by: Principal,
    expected: int | None,
    guidelines: Guidelines,
    today: date,
    now: datetime,
) -> Organisation:
    """Hand the form in, if nothing in it must be mended and no other registration of the entity counts."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    organisation.expected(expected)
    moment = organisation.moment(now)
    application = await judged_application(
        conn, organisation, organisation.form, guidelines=guidelines, today=today
    )
    reference = organisation.reference or await _new_reference(conn, organisation, today)
    submitted = organisation.submitted(application, reference=reference, now=moment)
    await _save_alone(conn, submitted)
    await _keep(conn, submitted, application, by, moment)
    publish(
        conn,
        RegistrationSubmitted(
            organisation_id=organisation_id,
            revision=submitted.revision,
            occurred_at=moment,
            reference=reference,
            accepted_guideline=f"{organisation.kind}-guideline/{application.guideline_version}",
        ),
    )
    return submitted


async def withdraw_application(
    conn: Connection, organisation_id: UUID, *, by: Principal, expected: int | None, now: datetime
) -> Organisation:
    """Take an unfinished registration back; what was typed stays."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    organisation.expected(expected)
    moment = organisation.moment(now)
    dropped = organisation.dropped(now=moment)
    await organisations.save_organisation(conn, dropped)
    await submissions.add_step(
        conn, organisation_id, "application_withdrawn", at=moment, actor=str(by)
    )
    publish(
        conn,
        RegistrationWithdrawn(
            organisation_id=organisation_id,
            revision=dropped.revision,
            occurred_at=moment,
            reference=organisation.reference or "",
        ),
    )
    return dropped


async def judged_application(
    conn: Connection,
    organisation: Organisation,
    form: RegistrationForm,
    *,
    guidelines: Guidelines,
    today: date,
) -> Applied:
    """The application a form amounts to; refused with everything that must be mended."""
    around = await circumstances(conn, organisation, form, guidelines=guidelines, today=today)
    application = checked(organisation.kind, form, around)
    if isinstance(application, ProviderApplication):
        await _refuse_taken_codes(conn, organisation.id, application)
    return application


async def _refuse_taken_codes(
    conn: Connection, organisation_id: UUID, application: ProviderApplication
) -> None:
    codes = [service.code for service in application.services]
    taken = await register.codes_taken(conn, codes, besides=organisation_id)
    detail = "このサービスコードは、ほかの決済事業者が使っています。別のコードにしてください。"
    errors = [
        FieldError(f"services.{index}.code", "service_code_taken", detail)
        for index, code in enumerate(codes)
        if code in taken
    ]
    if errors:
        raise Invalid("registration-incomplete", detail, errors=errors)


async def _new_reference(conn: Connection, organisation: Organisation, today: date) -> str:
    last = await organisations.last_reference(conn, fiscal_year(today), organisation.kind)
    return next_reference(last, kind=organisation.kind, today=today)


async def _save_alone(conn: Connection, submitted: Organisation) -> None:
    """Save it as the only registration of its legal entity; the database is the judge."""
    try:
        async with conn.transaction():
            await organisations.save_organisation(conn, submitted)
    except UniqueViolation:
        detail = (
            "この団体の登録は、すでに受け付けているか登録済みです。1つの法人で登録できるのは1つだけです。"
            "心当たりがないときは事務局へお問い合わせください。"
        )
        raise Conflict(
            "legal-entity-registered",
            detail,
            errors=[FieldError("organisation.code", "legal_entity_registered", detail)],
        ) from None


async def _keep(
    conn: Connection, submitted: Organisation, application: Applied, by: Principal, now: datetime
) -> None:
    files = await documents.documents_of(conn, submitted.id)
    await submissions.add_submission(
        conn,
        submitted.id,
        Submission(submitted.submissions, application, now, str(by)),
        [{"id": f.id, "slot": f.slot, "name": f.name, "sha256": f.sha256} for f in files],
    )
    act = "submitted" if submitted.submissions == 1 else "submitted_again"
    await submissions.add_step(conn, submitted.id, act, at=now, actor=str(by))
