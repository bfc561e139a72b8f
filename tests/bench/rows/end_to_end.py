"""`end-to-end`: POST until it is applied at the listener ÷ the naive outbox, 64 clients in a closed loop."""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

from chassis.broker import declare
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from deploy.local.ports import free_ports
from tests.bench.harness import GROUND, interleaved
from tests.bench.messaging.facts import KIND
from tests.bench.messaging.ground import TABLES
from tests.bench.programs import program, run
from tests.bench.row import Row
from tests.bench.tools import tool
from tests.rig.keyring import KeyRing
from tests.rig.postgres import databases, owner_url
from tests.rig.rabbitmq import virtual_host

_SECONDS = 3
_CLIENTS = 64
#: On a machine that is busy with other things some are told to come back; what counts is what is applied.
_REFUSED_MOST = 0.05
_NAMES = ("bench", "listener")
# Each request is a new deed, so each has a key of its own.
_LOAD = """
local n, me = 0, %(me)s
local headers = {["Authorization"] = "Bearer %(token)s", ["Content-Type"] = "application/json"}
function request()
  n = n + 1
  headers["Idempotency-Key"] = me .. "-" .. n
  return wrk.format("POST", nil, headers, '{"code":"131016","name":"千代田区"}')
end
"""


async def measure(rounds: int) -> Row:
    """Facts applied a second, of both, while the load goes on."""
    keys = KeyRing(GROUND.new_folder(), ("identity", *_NAMES))
    seen = await interleaved(
        {"ours": lambda: _applied("e2e_ours", keys), "peer": lambda: _applied("e2e_naive", keys)},
        rounds,
    )
    return Row(
        name="end-to-end",
        ours=seen["ours"],
        peer=seen["peer"],
        peer_name="naive outbox: poll, one confirm at a time",
        unit="applied/s",
        first_goal=1.6,
        goal=5,
    )


async def _applied(module: str, keys: KeyRing) -> float:
    async with _places() as told:
        folder = GROUND.new_folder()
        ports = dict(zip(_NAMES, free_ports(2), strict=True))
        with ExitStack() as running:
            for name in reversed(_NAMES):
                command = [sys.executable, "-m", f"tests.bench.messaging.{module}"]
                more = {"name": name, "port": ports[name], "keys_file": str(keys.keys_file)}
                more["key_file"] = str(keys.key_file(name))
                command.append(json.dumps({**told[name], **more}))
                await asyncio.to_thread(
                    running.enter_context,
                    program(command, port=ports[name], folder=folder, core=None),
                )
            # Their ports are open; their lines to the broker take a moment longer.
            await asyncio.sleep(1)
            return await _loaded(ports["bench"], keys, folder, told["listener"]["database_url"])


async def _loaded(port: int, keys: KeyRing, folder: Path, listener_url: str) -> float:
    script = folder / "load.lua"
    script.write_text(_LOAD % {"me": f'"{uuid4()}"', "token": _token(keys)})
    command = [tool("wrk"), "-t1", f"-c{_CLIENTS}", f"-d{_SECONDS}s", "-s", str(script)]
    command.append(f"http://127.0.0.1:{port}/api/v1/bench/moves")
    conn = await asyncpg.connect(listener_url)
    try:
        began = time.perf_counter()
        told = await asyncio.to_thread(run, command, core=None)
        applied = await conn.fetchval("SELECT count(*) FROM projection")
        seconds = time.perf_counter() - began
    finally:
        await conn.close()
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    if not applied or (refused and int(refused[1]) > applied * _REFUSED_MOST):
        raise RuntimeError(f"the load was refused: {told}")
    return float(applied / seconds)


def _token(keys: KeyRing) -> str:
    who = Principal(
        kind="member",
        subject=str(uuid4()),
        organisation_id=uuid4(),
        organisation_kind=OrganisationKind.MUNICIPALITY,
        roles=frozenset({Role.ADMIN}),
    )
    return keys("identity").sign(who, seconds=600)


@asynccontextmanager
async def _places() -> AsyncIterator[Mapping[str, Mapping[str, str]]]:
    """A database each, one virtual host, the listener's queue."""
    host = await asyncio.to_thread(virtual_host, GROUND.rabbitmq, _NAMES)
    await declare(host.deployer_url, "listener", [KIND])
    await declare(host.deployer_url, "bench", [])
    async with databases(GROUND.postgres) as made:
        told = {}
        for name in _NAMES:
            url = await made.fresh(name)
            owner = await asyncpg.connect(owner_url(url))
            await owner.execute(TABLES)
            await owner.close()
            told[name] = {"database_url": url, "broker_url": host.url(name)}
        try:
            yield told
        finally:
            for each in told.values():
                await made.drop(each["database_url"])
            await asyncio.to_thread(host.delete)
