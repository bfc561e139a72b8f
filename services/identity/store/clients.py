"""Machine clients and the hashes of their secrets."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.identity.model.clients import Client, ClientState

_COLUMNS = "client_id, revision, account_id, name, scopes, state, created_by, created_at, rotated_at, revoked_at"


def _client(row: Record) -> Client:
    return Client(
        id=row["client_id"],
        revision=row["revision"],
        account_id=row["account_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        state=ClientState(row["state"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        rotated_at=row["rotated_at"],
        revoked_at=row["revoked_at"],
    )


async def add_client(conn: Connection, c: Client) -> None:
    """Keep a new client."""
    await conn.execute(
        "INSERT INTO clients (client_id, revision, account_id, name, scopes, state, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        c.id,
        c.revision,
        c.account_id,
        c.name,
        sorted(c.scopes),
        c.state,
        c.created_by,
        c.created_at,
    )


async def client(conn: Connection, client_id: UUID) -> Client | None:
    """The client, as it is now."""
    row = await conn.fetchrow(f"SELECT {_COLUMNS} FROM clients WHERE client_id = $1", client_id)
    return _client(row) if row else None


async def client_for_update(conn: Connection, account_id: UUID, client_id: UUID) -> Client | None:
    """The account's client, locked."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM clients WHERE client_id = $2 AND account_id = $1 FOR UPDATE",
        account_id,
        client_id,
    )
    return _client(row) if row else None


async def clients_of(conn: Connection, account_id: UUID) -> list[Client]:
    """The account's clients, the active ones first, newest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM clients WHERE account_id = $1 ORDER BY state, client_id DESC LIMIT 200",
        account_id,
    )
    return [_client(row) for row in rows]


async def active_clients_for_update(conn: Connection, account_id: UUID) -> list[Client]:
    """The account's active clients, locked."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM clients WHERE account_id = $1 AND state = 'active'"
        " ORDER BY client_id FOR UPDATE",
        account_id,
    )
    return [_client(row) for row in rows]


async def save_client(conn: Connection, c: Client) -> None:
    """Keep what became of a locked client."""
    await conn.execute(
        "UPDATE clients SET revision = $2, state = $3, rotated_at = $4, revoked_at = $5 WHERE client_id = $1",
        c.id,
        c.revision,
        c.state,
        c.rotated_at,
        c.revoked_at,
    )


async def add_secret(
    conn: Connection, secret_id: UUID, client_id: UUID, secret_hash: bytes, at: datetime
) -> None:
    """Keep the hash of the current secret."""
    await conn.execute(
        "INSERT INTO client_secrets (secret_id, client_id, secret_hash, created_at) VALUES ($1, $2, $3, $4)",
        secret_id,
        client_id,
        secret_hash,
        at,
    )


async def retire_secrets(conn: Connection, client_id: UUID, until: datetime, now: datetime) -> None:
    """The current secret works until ``until``; those that were on their way out are out now."""
    await conn.execute(
        "UPDATE client_secrets SET expires_at = CASE WHEN expires_at IS NULL THEN $2 ELSE least(expires_at, $3) END"
        " WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $3)",
        client_id,
        until,
        now,
    )


async def living_secrets(conn: Connection, client_id: UUID, now: datetime) -> list[bytes]:
    """The hashes of the secrets that work now."""
    rows = await conn.fetch(
        "SELECT secret_hash FROM client_secrets WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
        client_id,
        now,
    )
    return [row["secret_hash"] for row in rows]


async def secrets_of(conn: Connection, client_ids: list[UUID], now: datetime) -> list[Record]:
    """The secrets that work now, without what they are: ``client_id, secret_id, created_at, expires_at``."""
    return await conn.fetch(
        "SELECT client_id, secret_id, created_at, expires_at FROM client_secrets"
        " WHERE client_id = ANY($1) AND (expires_at IS NULL OR expires_at > $2) ORDER BY secret_id DESC",
        client_ids,
        now,
    )
