"""The one read behind every page of a signed-in person, and the lists people look at."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.accounts import Account
from services.identity.model.members import Member
from services.identity.model.sessions import Session
from services.identity.store.accounts import account_of
from services.identity.store.members import member_of
from services.identity.store.sessions import session_of


async def visitor(
    conn: Connection, token_hash: bytes
) -> tuple[Session, Member, Account, str] | None:
    """The session of a cookie with its member, account and registration."""
    row = await conn.fetchrow(
        """
        SELECT s, m, a, coalesce(r.state, 'none') AS registration
          FROM sessions s
          JOIN members m ON m.member_id = s.member_id
          JOIN accounts a ON a.account_id = s.account_id
          LEFT JOIN registrations r ON r.organisation_id = a.account_id
         WHERE s.token_hash = $1
        """,
        token_hash,
    )
    if row is None:
        return None
    return session_of(row["s"]), member_of(row["m"]), account_of(row["a"]), row["registration"]


async def living_sessions(
    conn: Connection, member_id: UUID, idle_since: datetime, now: datetime
) -> list[Record]:
    """Where the member is signed in, newest first."""
    return await conn.fetch(
        """
        SELECT session_id, created_at, last_seen_at, ends_at, address, user_agent
          FROM sessions
         WHERE member_id = $1 AND state <> 'ended' AND last_seen_at > $2 AND ends_at > $3
         ORDER BY session_id DESC LIMIT 100
        """,
        member_id,
        idle_since,
        now,
    )


async def people(conn: Connection, account_id: UUID) -> list[Record]:
    """The people of an organisation, with the end of an open invitation."""
    return await conn.fetch(
        """
        SELECT m.member_id, m.sign_in_id, m.name, m.email, m.roles, m.state, m.totp IS NOT NULL AS second_factor,
               m.invited_at, m.joined_at, m.last_signed_in_at,
               (SELECT max(l.expires_at) FROM links l
                 WHERE m.state = 'invited' AND l.account_id = m.account_id AND l.member_id = m.member_id
                   AND l.used_at IS NULL AND l.replaced_at IS NULL) AS invitation_expires_at
          FROM members m
         WHERE m.account_id = $1
         ORDER BY m.state = 'removed', m.sign_in_id
         LIMIT 500
        """,
        account_id,
    )


_LISTED = """a.account_id, a.revision, a.organisation_kind, a.organisation_code, a.organisation_name, a.state,
    coalesce(r.state, 'none') AS registration,
    (SELECT count(*) FROM members m WHERE m.account_id = a.account_id AND m.state <> 'removed') AS members,
    a.created_at, a.mail_sent_at, a.mail_bounced_at, a.issued_at, a.promote_on, a.promoted_at, a.activated_at,
    a.closed_at, a.close_reason"""
_FILTER = """($1::text IS NULL OR a.state = $1) AND ($2::text IS NULL OR a.organisation_kind = $2)
    AND ($3::text IS NULL OR strpos(a.organisation_name, $3) > 0 OR starts_with(a.organisation_code, $3)
         OR starts_with($3, a.sign_in_prefix))"""


async def accounts_page(
    conn: Connection,
    *,
    state: str | None,
    kind: str | None,
    q: str | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Accounts made before ``after``, newest first, one more than ``limit`` if there are more."""
    return await conn.fetch(
        f"SELECT {_LISTED} FROM accounts a LEFT JOIN registrations r ON r.organisation_id = a.account_id"
        f" WHERE {_FILTER} AND ($4::uuid IS NULL OR a.account_id < $4) ORDER BY a.account_id DESC LIMIT $5",
        state,
        kind,
        q,
        after,
        limit + 1,
    )


async def accounts_total(
    conn: Connection, *, state: str | None, kind: str | None, q: str | None
) -> int:
    """How many accounts the filter leaves."""
    total: int = await conn.fetchval(
        f"SELECT count(*) FROM accounts a WHERE {_FILTER}", state, kind, q
    )
    return total


async def accounts_by_state(conn: Connection) -> dict[str, int]:
    """How many accounts there are in each state."""
    rows = await conn.fetch("SELECT state, count(*) AS n FROM accounts GROUP BY 1 ORDER BY 1")
    return {row["state"]: row["n"] for row in rows}


async def account_listed(conn: Connection, account_id: UUID) -> Record | None:
    """One account as lists show it."""
    return await conn.fetchrow(
        f"SELECT {_LISTED} FROM accounts a LEFT JOIN registrations r ON r.organisation_id = a.account_id"
        " WHERE a.account_id = $1",
        account_id,
    )


async def requester(conn: Connection, account_id: UUID) -> Record | None:
    """Who asked for the account."""
    return await conn.fetchrow(
        "SELECT department, contact_name, contact_kana, email, phone, guideline_version, requested_at"
        " FROM account_requests WHERE account_id = $1",
        account_id,
    )


async def request_link_end(conn: Connection, account_id: UUID) -> datetime | None:
    """Until when the last mailed link of a request works."""
    found: datetime | None = await conn.fetchval(
        "SELECT expires_at FROM links WHERE account_id = $1 AND purpose = 'account_link'"
        " AND used_at IS NULL AND replaced_at IS NULL",
        account_id,
    )
    return found


async def provisional_page(
    conn: Connection, *, state: str | None, after: tuple[str, UUID] | None, limit: int
) -> list[Record]:
    """Imported accounts by code, one more than ``limit`` if there are more."""
    code, account_id = after or (None, None)
    return await conn.fetch(
        """
        SELECT account_id, organisation_code, organisation_name, state, sign_in_prefix, promote_on, promoted_at,
               activated_at, mail_bounced_at
          FROM accounts
         WHERE promote_on IS NOT NULL
           AND ($1::text IS NULL OR ($1 = 'waiting') = (state = 'provisional'))
           AND ($1::text IS DISTINCT FROM 'promoted' OR promoted_at IS NOT NULL)
           AND ($2::text IS NULL OR (organisation_code, account_id) > ($2, $3::uuid))
         ORDER BY organisation_code, account_id LIMIT $4
        """,
        state,
        code,
        account_id,
        limit + 1,
    )


async def provisional_counts(conn: Connection) -> tuple[int, int]:
    """How many imported accounts wait for their day, and how many were promoted."""
    row = await conn.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'provisional') AS waiting, count(promoted_at) AS promoted"
        " FROM accounts WHERE promote_on IS NOT NULL"
    )
    return (row["waiting"], row["promoted"]) if row else (0, 0)
