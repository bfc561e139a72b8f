"""Notifications is what its OpenAPI document says, whatever it is asked: schemathesis asks."""

import asyncio
import sys
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

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


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
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [str(client.make_url("/openapi.json")), "-H", f"Authorization: Bearer {token}"]
    command += ["--checks", _CHECKS, "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", "10", "--seed", "5", "--workers", "1", "--no-color"]
    command += ["--generation-database", "none", "--mode", "all"]
    command += ["--suppress-health-check", "all"]
    program = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, out.decode()[-6000:]
