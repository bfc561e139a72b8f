"""Carries an approved change into the register: the entry, the payment services, the lines of the lists."""

from chassis.database import Connection, UniqueViolation
from chassis.refusal import Conflict, FieldError
from contracts.registry import OrganisationChanged, OrganisationEntry
from services.registry.commands.match_facts import relist
from services.registry.commands.public_facts import (
    Occasion,
    change_service,
    end_service,
    list_participation,
    list_service,
    register_service,
    say_listed,
)
from services.registry.commands.standing import occasion_of
from services.registry.model.application import ProviderApplication
from services.registry.model.organisation import Organisation
from services.registry.model.payment_service import ServiceState
from services.registry.store import organisations, register


async def alter(conn: Connection, before: Organisation, approved: Organisation) -> None:
    """Say what of the change is public, if anything is."""
    old, occasion = occasion_of(before), occasion_of(approved)
    if changed := _changed(old.entry, occasion.entry):
        approved = approved.noted(now=occasion.at)
        await say_listed(
            conn,
            OrganisationChanged(
                organisation_id=approved.id,
                revision=approved.revision,
                occurred_at=occasion.at,
                effective_on=occasion.on,
                entry=occasion.entry,
                changed=changed,
            ),
        )
    await _save_alone(conn, approved)
    said: set[str] = set()
    if isinstance(approved.application, ProviderApplication):
        said = await _alter_services(conn, occasion, approved.application)
        if changed:
            await _relist(conn, occasion, besides=said)
    await relist(conn, approved.id, changed, said, on=occasion.on, now=occasion.at)


async def _alter_services(
    conn: Connection, on: Occasion, application: ProviderApplication
) -> set[str]:
    """Say what is new, different or gone among the services; the codes something was said about."""
    offered = {
        s.details.code: s
        for s in await register.services_of(conn, on.organisation_id)
        if s.state is not ServiceState.ENDED
    }
    wanted = {details.code: details for details in application.services}
    said: set[str] = set()
    for code, details in wanted.items():
        if code not in offered:
            await register_service(conn, on, details)
            said.add(code)
        elif offered[code].details != details and await change_service(
            conn, on, offered[code], details
        ):
            said.add(code)
    for code, service in offered.items():
        if code not in wanted:
            await end_service(conn, on, service, "決済事業者の申請により終了しました。")
    return said


async def _relist(conn: Connection, on: Occasion, *, besides: set[str]) -> None:
    """Services and answers stand in their lists under the provider's new name."""
    for service in await register.services_of(conn, on.organisation_id):
        if service.state is ServiceState.REGISTERED and service.details.code not in besides:
            await list_service(conn, service, on)
    for answer in await register.participations_of(conn, on.organisation_id):
        await list_participation(conn, on, answer)


def _changed(before: OrganisationEntry, after: OrganisationEntry) -> tuple[str, ...]:
    old, new = before.model_dump(), after.model_dump()
    return tuple(field for field in new if old[field] != new[field])


async def _save_alone(conn: Connection, changed: Organisation) -> None:
    try:
        async with conn.transaction():
            await organisations.save_organisation(conn, changed)
    except UniqueViolation:
        detail = "この番号は、ほかの団体の登録で使われています。"
        error = FieldError("organisation.code", "legal_entity_registered", detail)
        raise Conflict("legal-entity-registered", detail, errors=[error]) from None
