"""Notifications is what its OpenAPI document says, whatever it is asked: schemathesis asks."""

from pathlib import Path

from chassis.database import Pool, transaction
from chassis.ids import new_id
from chassis.web import new_app
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.notifications.api import DESK, LETTERS_A_DAY, routes
from services.notifications.commands.letters import Desk
from tests.conftest import ClientFor
from tests.notifications.rooms import AOBA, HANAKO, Hear, Sealing, issued, submitted
from tests.rig.keyring import KeyRing
from tests.rig.questions import ask_whatever


async def test_whatever_is_asked_is_answered_as_described(
    pool: Pool,
    keys: KeyRing,
    client_for: ClientFor,
    hear: Hear,
    sealed: Sealing,
    desk: Desk,
    tmp_path: Path,
) -> None:
    # The secretariat may ask everything; who may not is tested with the routes.
    kind = OrganisationKind.SECRETARIAT
    async with transaction(pool) as conn:
        await hear(conn, issued(sealed("account_issued"), kind=kind), submitted())
    asking = Principal(
        kind="member",
        subject=str(HANAKO),
        organisation_id=AOBA,
        organisation_kind=kind,
        roles=frozenset({Role.ADMIN}),
        session_id=new_id(),
    )
    app = new_app("notifications", routes, pool=pool, keys=keys("notifications"))
    app[DESK] = desk
    app[LETTERS_A_DAY] = 100
    client = await client_for(app)
    token = keys("identity").sign(asking, seconds=600)
    url = str(client.make_url("/openapi.json"))
    await ask_whatever(url, token, tmp_path, examples=10)
