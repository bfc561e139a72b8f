"""Who asked for an account, until that is decided or forgotten."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.identity.model.accounts import Account
from services.identity.model.requests import AccountRequest, RequestForm, email_key
from services.identity.store.accounts import COLUMNS, account_of


async def add_request(conn: Connection, request: AccountRequest, at: datetime) -> None:
    """Keep who asked for an account."""
    form = request.form
    await conn.execute(
        """
        INSERT INTO account_requests (account_id, department, contact_name, contact_kana, email, email_key,
                                      phone, guideline_version, requested_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        request.account_id,
        form.department,
        form.contact_name,
        form.contact_kana,
        form.email,
        email_key(form.email),
        form.phone,
        form.guideline_version,
        at,
    )


async def close_request(conn: Connection, account_id: UUID) -> None:
    """The request is decided; its address may ask again."""
    await conn.execute("UPDATE account_requests SET open = false WHERE account_id = $1", account_id)


async def request_of(conn: Connection, account: Account) -> AccountRequest | None:
    """Who asked for the account, unless that is forgotten."""
    row = await conn.fetchrow(
        "SELECT department, contact_name, contact_kana, email, phone, guideline_version"
        " FROM account_requests WHERE account_id = $1",
        account.id,
    )
    if row is None:
        return None
    form = RequestForm(
        organisation_kind=account.organisation_kind,
        organisation_name=account.organisation_name,
        organisation_code=account.organisation_code,
        **dict(row),
    )
    return AccountRequest(account.id, form)


async def open_request_of(conn: Connection, email: str) -> UUID | None:
    """The account the address asked for before, if that is not decided yet."""
    found: UUID | None = await conn.fetchval(
        "SELECT account_id FROM account_requests WHERE email_key = $1 AND open", email_key(email)
    )
    return found


async def lock_address(conn: Connection, email: str) -> None:
    """Whoever asks for the same address at the same time waits here."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", email_key(email))


async def requests_overdue(conn: Connection, before: datetime, limit: int) -> list[Account]:
    """Requests made before ``before`` that nobody confirmed, locked."""
    columns = ", ".join(f"a.{c.strip()}" for c in COLUMNS.split(","))
    rows = await conn.fetch(
        f"SELECT {columns} FROM accounts a JOIN account_requests r USING (account_id)"
        " WHERE a.state IN ('requested', 'mail_bounced') AND r.requested_at < $1"
        " ORDER BY r.requested_at LIMIT $2 FOR UPDATE OF a SKIP LOCKED",
        before,
        limit,
    )
    return [account_of(row) for row in rows]


async def forget_requests(conn: Connection, before: datetime) -> None:
    """Forget who asked, where it came to nothing before ``before``."""
    await conn.execute(
        "DELETE FROM account_requests r USING accounts a WHERE a.account_id = r.account_id"
        " AND a.state IN ('expired', 'closed') AND NOT r.open AND r.requested_at < $1",
        before,
    )
