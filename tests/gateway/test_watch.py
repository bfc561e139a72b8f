"""The real processes: several that answer on one port, one that watches."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.stack import service_names
from tests.gateway.conftest import NO_BROKER, Heard, parse
from tests.gateway.standin import StandIn, read_all
from tests.rig.keyring import KeyRing

COUNTS = "/api/v1/registry/counts"
Eventually = Callable[..., Awaitable[object]]


class Running:
    """A gateway started as it is in earnest."""

    def __init__(self, environment: dict[str, str], port: int, log: Path) -> None:
        self.port = port
        self.log = log
        with log.open("wb") as target:
            command = [sys.executable, "-m", "gateway"]
            self.process = subprocess.Popen(command, env=environment, stdout=target, stderr=target)

    async def get(self, path: str) -> Heard:
        """One request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            return parse(await read_all(reader))
        finally:
            writer.close()

    async def ready(self) -> bool:
        """Whether it answers, and both of its workers were begun."""
        try:
            return (await self.get("/readyz")).status == 200 and len(self.workers()) == 2
        except (OSError, IndexError):
            return False

    def workers(self) -> list[int]:
        """The process ids of those that answer."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@pytest.fixture
def start(stand_in: StandIn, keys: KeyRing, tmp_path: Path) -> Iterator[Callable[[], Running]]:
    """Start one with two workers."""
    started: list[Running] = []

    def begin() -> Running:
        port = free_ports(1)[0]
        peers = dict.fromkeys(service_names(), stand_in.url)
        environment = os.environ | {
            "GATEWAY_HTTP_PORT": str(port),
            "GATEWAY_WORKERS": "2",
            "GATEWAY_KEY_FILE": str(keys.key_file("gateway")),
            "GATEWAY_KEYS_FILE": str(keys.keys_file),
            "GATEWAY_PEERS": json.dumps(peers),
            "GATEWAY_BROKER_URL": NO_BROKER,
            "GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GATEWAY_RUN_ID": "run-7",
        }
        started.append(Running(environment, port, tmp_path / f"gateway-{port}.log"))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait(60)


async def test_workers_share_a_port_and_what_they_counted(
    start: Callable[[], Running], eventually: Eventually
) -> None:
    running = start()
    await eventually(running.ready)
    assert b'"run_id":"run-7"' in (await running.get("/readyz")).body
    assert len(running.workers()) == 2
    for _ in range(40):
        assert (await running.get(COUNTS)).status == 200
    counted = (await running.get("/metrics")).body.decode()
    assert f'requests_total{{route="{COUNTS}",service="registry",status="2xx"}} 40' in counted
    assert f'request_seconds_count{{route="{COUNTS}"}} 40' in counted


async def test_a_worker_that_dies_is_started_anew_and_nothing_counted_is_lost(
    start: Callable[[], Running], eventually: Eventually
) -> None:
    running = start()
    await eventually(running.ready)
    for _ in range(10):
        await running.get(COUNTS)
    before = running.workers()
    os.kill(before[0], signal.SIGKILL)
    await eventually(lambda: len(running.workers()) == 2 and running.workers() != before)
    await eventually(running.ready)
    counted = (await running.get("/metrics")).body.decode()
    assert f'requests_total{{route="{COUNTS}",service="registry",status="2xx"}} 10' in counted


async def test_told_to_stop_it_stops_with_all_its_workers(
    start: Callable[[], Running], eventually: Eventually
) -> None:
    running = start()
    await eventually(running.ready)
    workers = running.workers()
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait, 60) == 0
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", running.port))


async def test_workers_do_not_outlive_who_watches_them(
    start: Callable[[], Running], eventually: Eventually
) -> None:
    running = start()
    await eventually(running.ready)
    workers = running.workers()
    running.process.kill()
    running.process.wait(60)
    await eventually(lambda: not [pid for pid in workers if Path(f"/proc/{pid}").exists()])
