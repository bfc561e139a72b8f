"""Accounts, the requests they began with, and what the registry said of them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from contracts.values import OrganisationKind
from services.identity.model.accounts import Account, AccountState
from services.identity.model.links import no_such_link

#: The columns ``account_of`` reads.
COLUMNS = """account_id, revision, organisation_kind, organisation_code, organisation_name, state, created_at,
    sign_in_prefix, members_numbered, mail_sent_at, mail_bounced_at, issued_at, promote_on, promoted_at,
    activated_at, closed_at, close_reason"""


def account_of(row: Record) -> Account:
    """The account a row holds."""
    return Account(
        id=row["account_id"],
        revision=row["revision"],
        organisation_kind=OrganisationKind(row["organisation_kind"]),
        organisation_code=row["organisation_code"],
        organisation_name=row["organisation_name"],
        state=AccountState(row["state"]),
        created_at=row["created_at"],
        sign_in_prefix=row["sign_in_prefix"],
        members_numbered=row["members_numbered"],
        mail_sent_at=row["mail_sent_at"],
        mail_bounced_at=row["mail_bounced_at"],
        issued_at=row["issued_at"],
        promote_on=row["promote_on"],
        promoted_at=row["promoted_at"],
        activated_at=row["activated_at"],
        closed_at=row["closed_at"],
        close_reason=row["close_reason"],
    )


async def account(conn: Connection, account_id: UUID) -> Account | None:
    """The account, as it is now."""
    row = await conn.fetchrow(f"SELECT {COLUMNS} FROM accounts WHERE account_id = $1", account_id)
    return account_of(row) if row else None


async def account_for_update(conn: Connection, account_id: UUID) -> Account:
    """The account, locked until the transaction ends: first of all rows that belong to it."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM accounts WHERE account_id = $1 FOR UPDATE", account_id
    )
    if row is None:
        raise no_such_link()
    return account_of(row)


def _values(a: Account) -> tuple[object, ...]:
    return (
        a.id, a.revision, a.organisation_kind, a.organisation_code, a.organisation_name, a.state, a.created_at,
        a.sign_in_prefix, a.members_numbered, a.mail_sent_at, a.mail_bounced_at, a.issued_at, a.promote_on,
        a.promoted_at, a.activated_at, a.closed_at, a.close_reason,
    )  # fmt: skip


async def add_accounts(conn: Connection, accounts: Iterable[Account]) -> None:
    """Keep new accounts."""
    await conn.executemany(
        f"INSERT INTO accounts ({COLUMNS})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        [_values(a) for a in accounts],
    )


async def save_account(conn: Connection, a: Account) -> None:
    """Keep what became of a locked account."""
    await conn.execute(
        """
        UPDATE accounts
           SET revision = $2, state = $3, sign_in_prefix = $4, members_numbered = $5, mail_sent_at = $6,
               mail_bounced_at = $7, issued_at = $8, promoted_at = $9, activated_at = $10, closed_at = $11,
               close_reason = $12
         WHERE account_id = $1
        """,
        a.id,
        a.revision,
        a.state,
        a.sign_in_prefix,
        a.members_numbered,
        a.mail_sent_at,
        a.mail_bounced_at,
        a.issued_at,
        a.promoted_at,
        a.activated_at,
        a.closed_at,
        a.close_reason,
    )


async def mark_mailed(conn: Connection, account_id: UUID, at: datetime) -> None:
    """Remember that the mail server took the account's letter."""
    await conn.execute(
        "UPDATE accounts SET mail_sent_at = $2 WHERE account_id = $1 AND state <> 'closed'",
        account_id,
        at,
    )


async def usable_account_of(conn: Connection, kind: OrganisationKind, code: str) -> Account | None:
    """The account the organisation has already."""
    row = await conn.fetchrow(
        f"SELECT {COLUMNS} FROM accounts WHERE organisation_kind = $1 AND organisation_code = $2"
        " AND state IN ('provisional', 'issued', 'active')",
        kind,
        code,
    )
    return account_of(row) if row else None


async def prefixes_taken(conn: Connection, kind: OrganisationKind, code: str) -> int:
    """How many accounts of this kind (for municipalities: of this code) have given out ids."""
    taken: int = await conn.fetchval(
        "SELECT count(*) FROM accounts WHERE organisation_kind = $1 AND sign_in_prefix IS NOT NULL"
        " AND ($1 <> 'municipality' OR organisation_code = $2)",
        kind,
        code,
    )
    return taken


async def is_prefix_taken(conn: Connection, prefix: str) -> bool:
    """Whether another account gives out such ids."""
    taken = await conn.fetchval("SELECT true FROM accounts WHERE sign_in_prefix = $1", prefix)
    return bool(taken)


async def lock_issuing(conn: Connection) -> None:
    """Accounts are issued and imported one after the other: two for one organisation are seen, not guessed."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('issuing', 8))")


async def codes_numbered(conn: Connection, codes: Sequence[str]) -> dict[str, int]:
    """How many accounts of each municipality have given out ids before."""
    rows = await conn.fetch(
        "SELECT organisation_code, count(*) AS n FROM accounts WHERE organisation_kind = 'municipality'"
        " AND organisation_code = ANY($1) AND sign_in_prefix IS NOT NULL GROUP BY 1",
        codes,
    )
    return {row["organisation_code"]: row["n"] for row in rows}


async def codes_in_use(conn: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Which municipalities of ``codes`` have an account already, and its name."""
    rows = await conn.fetch(
        "SELECT organisation_code, organisation_name FROM accounts WHERE organisation_kind = 'municipality'"
        " AND organisation_code = ANY($1) AND state IN ('provisional', 'issued', 'active')",
        codes,
    )
    return {row["organisation_code"]: row["organisation_name"] for row in rows}


async def due_for_promotion(conn: Connection, today: date, limit: int) -> list[Account]:
    """Provisional accounts whose day has come, locked; other copies take others."""
    rows = await conn.fetch(
        f"SELECT {COLUMNS} FROM accounts WHERE state = 'provisional' AND promote_on <= $1"
        " ORDER BY promote_on, account_id LIMIT $2 FOR UPDATE SKIP LOCKED",
        today,
        limit,
    )
    return [account_of(row) for row in rows]


async def registration_of(conn: Connection, account_id: UUID) -> str:
    """How the registry says the registration stands."""
    found: str | None = await conn.fetchval(
        "SELECT state FROM registrations WHERE organisation_id = $1", account_id
    )
    return found or "none"


async def note_registration(
    conn: Connection, organisation_id: UUID, revision: int, state: str | None
) -> None:
    """Keep what the registry said; an older word never replaces a newer one. No state: only the revision moved."""
    if state is None:
        return
    await conn.execute(
        """
        INSERT INTO registrations AS r (organisation_id, revision, state) VALUES ($1, $2, $3)
        ON CONFLICT (organisation_id) DO UPDATE SET revision = $2, state = $3 WHERE r.revision < $2
        """,
        organisation_id,
        revision,
        state,
    )
