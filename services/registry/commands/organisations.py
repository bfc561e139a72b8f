"""Organisations come, by their account or by the secretariat, and their accounts close."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from contracts.principal import Principal
from contracts.values import OrganisationKind
from services.registry.model import codes
from services.registry.model.findings import Findings
from services.registry.store import organisations, submissions


async def welcome(
    conn: Connection,
    account_id: UUID,
    *,
    kind: OrganisationKind,
    code: str,
    name: str,
    now: datetime,
) -> None:
    """The organisation of a full account may register; said twice it changes nothing."""
    if kind is OrganisationKind.SECRETARIAT:
        return
    known = await organisations.is_known(conn, account_id)
    await organisations.add_organisation(
        conn, account_id, kind=kind, source="account", code=code, name=name, now=now
    )
    if not known:
        await submissions.add_step(
            conn, account_id, "account_issued", at=now, actor="service/identity"
        )


async def part_with(conn: Connection, account_id: UUID) -> None:
    """Nobody acts for the organisation any more; its place in the register is the secretariat's matter."""
    await organisations.close_account(conn, account_id)


async def enter_on_behalf(
    conn: Connection,
    *,
    kind: OrganisationKind,
    code: str,
    name: str,
    by: Principal,
    now: datetime,
    organisation_id: UUID | None = None,
) -> UUID:
    """The secretariat begins a registration for an organisation without an account."""
    found = Findings()
    if kind is OrganisationKind.SECRETARIAT:
        found.wrong("organisation_kind", "choice_unknown", "自治体か決済事業者を選んでください。")
    digits = _code(found, kind, code)
    if found.errors:
        raise Invalid(
            "fields-invalid",
            f"入力を直してください（{len(found.errors)}か所）。",
            errors=found.errors,
        )
    if await organisations.organisation_by_claim(conn, kind, digits):
        detail = "この番号の団体はすでにあります。一覧から探してください。"
        raise Conflict(
            "organisation-exists",
            detail,
            errors=[FieldError("code", "organisation_exists", detail)],
        )
    organisation_id = organisation_id or new_id()
    await organisations.add_organisation(
        conn, organisation_id, kind=kind, source="secretariat", code=digits, name=name, now=now
    )
    await submissions.add_step(conn, organisation_id, "entered_on_behalf", at=now, actor=str(by))
    return organisation_id


def _code(found: Findings, kind: OrganisationKind, code: str) -> str:
    if kind is OrganisationKind.PROVIDER or len(code) > 6:
        return codes.corporate_number(found, "code", code)
    return codes.municipality_code(found, "code", code)
