"""Machine clients: made by an organisation's admin, rotated with overlap, revoked, given tokens."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.ended import refuse
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, NotFound
from contracts.identity import ClientCreated, ClientRevoked, ClientRotated
from contracts.principal import Principal
from services.identity.commands.office import Office
from services.identity.model.clients import (
    MOST_CLIENTS,
    Client,
    ClientState,
    checked_scopes,
    new_secret,
)
from services.identity.model.links import hash_of
from services.identity.model.requests import fold_text
from services.identity.store import accounts, clients

_NOBODY = hash_of("nobody's secret")
#: A registration that rests or has ended stops the organisation's machines; its people may still sign in.
_STOPPED = frozenset({"suspended", "withdrawn"})


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client with its new secret, which is told this once."""

    client: Client
    secret: str
    old_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """A token for a machine client."""

    token: str
    seconds: int
    scopes: frozenset[str]


async def create(
    conn: Connection,
    account_id: UUID,
    by: UUID,
    *,
    name: str,
    scopes: Iterable[str],
    now: datetime,
) -> NewSecret:
    """Make a machine client for the organisation."""
    account = await accounts.account_for_update(conn, account_id)
    wanted = checked_scopes(account.organisation_kind, scopes)
    if len(await clients.active_clients_for_update(conn, account_id)) >= MOST_CLIENTS:
        raise Conflict(
            "clients-many",
            f"クライアントは{MOST_CLIENTS}個までです。使っていないものを止めてから作ってください。",
        )
    client = Client(
        id=new_id(),
        revision=1,
        account_id=account_id,
        name=fold_text(name) or "client",
        scopes=wanted,
        state=ClientState.ACTIVE,
        created_by=by,
        created_at=now,
    )
    secret = new_secret()
    await clients.add_client(conn, client)
    await clients.add_secret(conn, new_id(), client.id, hash_of(secret), now)
    publish(
        conn,
        ClientCreated(
            client_id=client.id,
            revision=1,
            occurred_at=now,
            account_id=account_id,
            scopes=client.scopes,
        ),
    )
    return NewSecret(client, secret)


async def _own(conn: Connection, account_id: UUID, client_id: UUID) -> Client:
    client = await clients.client_for_update(conn, account_id, client_id)
    if client is None:
        raise NotFound("no-such-client", "このクライアントは見つかりません。")
    return client


async def rotate(
    conn: Connection, account_id: UUID, client_id: UUID, *, overlap_hours: int, now: datetime
) -> NewSecret:
    """Give a client a new secret; the one before works until the overlap ends, older ones end now."""
    client = (await _own(conn, account_id, client_id)).rotated(now)
    until = now + timedelta(hours=overlap_hours)
    secret = new_secret()
    await clients.retire_secrets(conn, client.id, until, now)
    await clients.add_secret(conn, new_id(), client.id, hash_of(secret), now)
    await clients.save_client(conn, client)
    publish(conn, ClientRotated(client_id=client.id, revision=client.revision, occurred_at=now))
    return NewSecret(client, secret, until if overlap_hours else None)


async def revoke(conn: Connection, account_id: UUID, client_id: UUID, *, now: datetime) -> None:
    """Stop a client for good; tokens it still has are refused everywhere."""
    await _stop(conn, await _own(conn, account_id, client_id), now)


async def revoke_all(conn: Connection, account_id: UUID, *, now: datetime) -> None:
    """Stop every client of an organisation."""
    for client in await clients.active_clients_for_update(conn, account_id):
        await _stop(conn, client, now)


async def _stop(conn: Connection, client: Client, now: datetime) -> None:
    client = client.revoked(now)
    await clients.save_client(conn, client)
    await clients.retire_secrets(conn, client.id, now, now)
    await refuse(conn, client.id)
    publish(conn, ClientRevoked(client_id=client.id, revision=client.revision, occurred_at=now))


async def grant(
    conn: Connection,
    office: Office,
    client_id: UUID | None,
    secret: str,
    wanted: frozenset[str],
    *,
    now: datetime,
) -> Granted | str:
    """A token for the client that shows its secret, or the OAuth word for why not."""
    client = await clients.client(conn, client_id) if client_id else None
    living = await clients.living_secrets(conn, client.id, now) if client else []
    shown = hash_of(secret)
    # Every hash is compared, and one even for nobody: the time taken tells nothing.
    right = [hmac.compare_digest(kept, shown) for kept in (living or [_NOBODY])]
    if client is None or client.state is not ClientState.ACTIVE or not living or not any(right):
        return "invalid_client"
    account = await accounts.account(conn, client.account_id)
    if account is None or not account.usable:
        return "invalid_client"
    if await accounts.registration_of(conn, account.id) in _STOPPED:
        return "unauthorized_client"
    if not wanted <= client.scopes:
        return "invalid_scope"
    granted = wanted or client.scopes
    principal = Principal(
        kind="client",
        subject=str(client.id),
        organisation_id=account.id,
        organisation_kind=account.organisation_kind,
        scopes=granted,
    )
    seconds = office.terms.client_token_seconds
    return Granted(office.keys.sign(principal, seconds=seconds), seconds, granted)
