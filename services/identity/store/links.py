"""Links that were mailed, and how many mails an address was sent."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.links import Link, Purpose

_COLUMNS = """link_id, account_id, member_id, purpose, token_hash, created_at, expires_at, used_at, replaced_at"""


def _link(row: Record) -> Link:
    return Link(
        id=row["link_id"],
        account_id=row["account_id"],
        member_id=row["member_id"],
        purpose=Purpose(row["purpose"]),
        token_hash=row["token_hash"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        replaced_at=row["replaced_at"],
    )


async def link(conn: Connection, token_hash: bytes) -> Link | None:
    """The link with that token; looking changes nothing."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM links WHERE token_hash = $1", token_hash)
    return _link(row) if row else None


async def link_for_update(conn: Connection, token_hash: bytes) -> Link | None:
    """The link with that token, locked: of two who press the button at once, one is second."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM links WHERE token_hash = $1 FOR UPDATE", token_hash
    )
    return _link(row) if row else None


async def add_links(conn: Connection, links: Iterable[Link]) -> None:
    """Keep new links."""
    await conn.executemany(
        "INSERT INTO links (link_id, account_id, member_id, purpose, token_hash, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (k.id, k.account_id, k.member_id, k.purpose, k.token_hash, k.created_at, k.expires_at)
            for k in links
        ],
    )


async def use_link(conn: Connection, link_id: UUID, at: datetime) -> None:
    """The link has done what it was for."""
    await conn.execute("UPDATE links SET used_at = $2 WHERE link_id = $1", link_id, at)


async def replace_links(
    conn: Connection,
    account_id: UUID,
    member_id: UUID | None,
    purposes: list[Purpose],
    at: datetime,
) -> None:
    """Whatever links of these purposes were alive work no longer."""
    await conn.execute(
        """
        UPDATE links SET replaced_at = $4
         WHERE account_id = $1 AND member_id IS NOT DISTINCT FROM $2 AND purpose = ANY($3)
           AND used_at IS NULL AND replaced_at IS NULL
        """,
        account_id,
        member_id,
        purposes,
        at,
    )


async def replace_all_links(conn: Connection, account_id: UUID, at: datetime) -> None:
    """No link of the account works any longer."""
    await conn.execute(
        "UPDATE links SET replaced_at = $2 WHERE account_id = $1 AND used_at IS NULL AND replaced_at IS NULL",
        account_id,
        at,
    )


async def mails_since(
    conn: Connection, address: bytes, hour: datetime, day: datetime
) -> tuple[int, int]:
    """How many account mails the address was sent since ``hour`` and since ``day``."""
    row = await conn.fetchrow(
        "SELECT count(*) FILTER (WHERE at > $2) AS hour, count(*) AS day"
        " FROM mailings WHERE address = $1 AND at > $3",
        address,
        hour,
        day,
    )
    return (row["hour"], row["day"]) if row else (0, 0)


async def note_mail(conn: Connection, address: bytes, at: datetime) -> None:
    """Count one account mail."""
    await conn.execute("INSERT INTO mailings (address, at) VALUES ($1, $2)", address, at)


async def forget_mails(conn: Connection, before: datetime) -> None:
    """Forget counts that count no more."""
    await conn.execute("DELETE FROM mailings WHERE at < $1", before)
