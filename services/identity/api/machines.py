"""Machine clients of the own organisation. Secrets are shown once and kept nowhere, not even for replays."""

from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Routes
from contracts.principal import Role
from services.identity.api.desk import PREFIX, TAG, member_id
from services.identity.api.views.members import (
    ClientSecretView,
    ClientsView,
    ClientView,
    CreateClientBody,
    RotateClientBody,
    SecretView,
)
from services.identity.commands import machines
from services.identity.model.clients import SCOPES
from services.identity.store import accounts, clients

routes = Routes(PREFIX, tag=TAG)

_ADMIN = {Role.ADMIN}


async def _views(conn: Connection, ask: Ask) -> list[ClientView]:
    found = await clients.clients_of(conn, ask.organisation_id)
    secrets = await clients.secrets_of(conn, [c.id for c in found], ask.now)
    return [
        ClientView(
            client_id=c.id,
            name=c.name,
            scopes=sorted(c.scopes),
            state=c.state.value,
            created_at=c.created_at,
            rotated_at=c.rotated_at,
            revoked_at=c.revoked_at,
            secrets=[
                SecretView(
                    secret_id=s["secret_id"], created_at=s["created_at"], expires_at=s["expires_at"]
                )
                for s in secrets
                if s["client_id"] == c.id
            ],
            revision=c.revision,
        )
        for c in found
    ]


async def _one(conn: Connection, ask: Ask, client_id: UUID) -> ClientView:
    for view in await _views(conn, ask):
        if view.client_id == client_id:
            return view
    raise NotFound("no-such-client", "このクライアントは見つかりません。")


@routes.get("/clients", roles={Role.ADMIN, Role.TECHNICAL})
async def list_clients(ask: Ask, conn: Connection) -> ClientsView:
    """The organisation's machine clients."""
    account = await accounts.account(conn, ask.organisation_id)
    return ClientsView(
        items=await _views(conn, ask),
        assignable_scopes=list(SCOPES[account.organisation_kind]) if account else [],
    )


@routes.post("/clients", roles=_ADMIN, status=201, idempotent=False)
async def create_client(ask: Ask, conn: Connection, body: CreateClientBody) -> ClientSecretView:
    """Make a machine client; its secret is shown in this answer only."""
    new = await machines.create(
        conn,
        ask.organisation_id,
        member_id(ask),
        name=body.name,
        scopes=body.scopes,
        now=ask.now,
    )
    return ClientSecretView(client=await _one(conn, ask, new.client.id), client_secret=new.secret)


@routes.post("/clients/{client_id}/rotate", roles=_ADMIN, idempotent=False)
async def rotate_client(
    ask: Ask, conn: Connection, client_id: UUID, body: RotateClientBody
) -> ClientSecretView:
    """Give a client a new secret; the old one works on until the overlap ends."""
    new = await machines.rotate(
        conn, ask.organisation_id, client_id, overlap_hours=body.overlap_hours, now=ask.now
    )
    return ClientSecretView(
        client=await _one(conn, ask, client_id),
        client_secret=new.secret,
        old_secret_until=new.old_until,
    )


@routes.delete("/clients/{client_id}", roles=_ADMIN)
async def revoke_client(ask: Ask, conn: Connection, client_id: UUID) -> None:
    """Stop a client for good."""
    await machines.revoke(conn, ask.organisation_id, client_id, now=ask.now)
