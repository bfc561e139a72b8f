"""The secretariat's view of all accounts."""

from typing import Any
from uuid import UUID

from chassis.database import Connection, Record
from chassis.paging import after_of, cursor_of
from chassis.refusal import FieldError, Invalid, NotFound
from chassis.web import Ask, Routes
from chassis.web.intake import refuse_individual_number
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.api.desk import PREFIX, TAG, office
from services.identity.api.people import people_of
from services.identity.api.views.secretariat import (
    AccountDetailView,
    AccountsQuery,
    AccountsView,
    AccountView,
    CloseBody,
    ImportQuery,
    ImportView,
    ProvisionalQuery,
    ProvisionalsView,
    ProvisionalView,
    RequesterView,
    RowErrorView,
)
from services.identity.commands import closing, provisional
from services.identity.model.provisional import ProvisionalRow, decoded
from services.identity.store import visitors

routes = Routes(PREFIX, tag=TAG)

_SECRETARIAT: dict[str, Any] = {
    "organisation": {OrganisationKind.SECRETARIAT},
    "roles": frozenset(Role),
}
_DECIDES: dict[str, Any] = {
    "organisation": {OrganisationKind.SECRETARIAT},
    "roles": {Role.ADMIN, Role.EDITOR},
}


def _listed(row: Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "close_reason"}


@routes.get("/accounts", **_SECRETARIAT)
async def list_accounts(conn: Connection, query: AccountsQuery) -> AccountsView:
    """Accounts and requests for them, newest first."""
    after = after_of(query.after, UUID)
    rows = await visitors.accounts_page(
        conn,
        state=query.state,
        kind=query.kind,
        q=query.q,
        after=after[0] if after else None,
        limit=query.limit,
    )
    items = [AccountView(**_listed(row)) for row in rows[: query.limit]]
    return AccountsView(
        items=items,
        next=cursor_of(str(items[-1].account_id)) if len(rows) > query.limit else None,
        total=await visitors.accounts_total(conn, state=query.state, kind=query.kind, q=query.q),
        counts=await visitors.accounts_by_state(conn),
    )


@routes.get("/accounts/{account_id}", **_SECRETARIAT)
async def show_account(conn: Connection, account_id: UUID) -> AccountDetailView:
    """One account with its people."""
    return await _detail(conn, account_id)


async def _detail(conn: Connection, account_id: UUID) -> AccountDetailView:
    row = await visitors.account_listed(conn, account_id)
    if row is None:
        raise NotFound("no-such-account", "このアカウントは見つかりません。")
    asked_by = await visitors.requester(conn, account_id)
    return AccountDetailView(
        **dict(row),
        requester=RequesterView(**dict(asked_by)) if asked_by else None,
        people=await people_of(conn, account_id),
        link_expires_at=await visitors.request_link_end(conn, account_id),
    )


@routes.post("/accounts/{account_id}/close", **_DECIDES)
async def close_account(
    ask: Ask, conn: Connection, account_id: UUID, body: CloseBody
) -> AccountDetailView:
    """Close an account for good."""
    await closing.close(conn, account_id, body.reason, now=ask.now)
    return await _detail(conn, account_id)


@routes.post("/accounts/{account_id}/renew-link", **_DECIDES)
async def renew_account_link(ask: Ask, conn: Connection, account_id: UUID) -> AccountDetailView:
    """Mail a fresh link to whoever asked for the account or was given it first."""
    await closing.renew_link(conn, office(ask), account_id, now=ask.now)
    return await _detail(conn, account_id)


@routes.get("/provisional-accounts", **_SECRETARIAT)
async def list_provisional(conn: Connection, query: ProvisionalQuery) -> ProvisionalsView:
    """Imported accounts by code."""
    rows = await visitors.provisional_page(
        conn,
        state=query.state,
        after=after_of(query.after, str, UUID),
        limit=query.limit,
    )
    items = [ProvisionalView(**dict(row)) for row in rows[: query.limit]]
    last = items[-1] if items and len(rows) > query.limit else None
    waiting, promoted = await visitors.provisional_counts(conn)
    return ProvisionalsView(
        items=items,
        next=cursor_of(last.organisation_code, str(last.account_id)) if last else None,
        waiting=waiting,
        promoted=promoted,
    )


@routes.post(
    "/provisional-accounts/import",
    takes=("text/csv",),
    body_limit=2 * 1024 * 1024,
    **_DECIDES,
)
async def import_provisional(
    ask: Ask, conn: Connection, query: ImportQuery, body: bytes
) -> ImportView:
    """Import provisional accounts from a CSV file, all rows or none; ``dry_run`` only says what would happen."""
    refuse_individual_number([("file", decoded(body))])
    promote_on = query.promote_on or office(ask).promote_on or ask.today
    if query.dry_run:
        done = await provisional.check(conn, body)
    else:
        done = await provisional.bring_in(
            conn, office(ask), body, promote_on=promote_on, now=ask.now
        )
        if done.errors:
            raise _not_imported(done)
    return ImportView(
        dry_run=query.dry_run,
        rows=len(done.rows),
        imported=done.imported,
        promote_on=promote_on,
        errors=[
            RowErrorView(row=e.row, column=e.column, code=e.code, detail=e.detail)
            for e in done.errors
        ],
        preview=[_preview(row) for row in done.rows[:10]],
    )


def _preview(row: ProvisionalRow) -> dict[str, str]:
    return {
        "団体コード": row.organisation_code,
        "団体名": row.organisation_name,
        "部署": row.department,
        "担当者氏名": row.contact_name,
        "メールアドレス": row.email,
        "切替日": row.promote_on.isoformat() if row.promote_on else "",
    }


def _not_imported(done: provisional.Import) -> Invalid:
    shown = done.errors[:200]
    return Invalid(
        "rows-invalid",
        f"直すところが{len(done.errors)}か所あるため、1件も取り込んでいません。ファイルを直して、もう一度お試しください。",
        errors=[
            FieldError(f"rows.{e.row}.{e.column}", e.code, f"{e.row}行目 {e.column}：{e.detail}")
            for e in shown
        ],
    )
