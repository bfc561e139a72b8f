"""A whole worker in the test's own process, between a client that speaks bytes and services that stand in."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.edge.counts import Counts
from gateway.edge.worker import Worker, listening_socket, new_worker
from gateway.settings import Settings
from tests.gateway.standin import Identity, StandIn, read_all
from tests.rig.keyring import KeyRing
from tests.rig.waiting import eventually

NO_BROKER = "amqp://gateway:gateway@127.0.0.1:1/none"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Stopped:
    """A loop's clock that stands still."""

    def __init__(self, at: float) -> None:
        self._at = at

    def time(self) -> float:
        """Always the same."""
        return self._at


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes


def parse(raw: bytes) -> Heard:
    """The one answer in ``raw``."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return Heard(int(first.split(" ")[1]), headers, body, raw)


@dataclass
class Opened:
    """A gateway that answers."""

    worker: Worker
    port: int
    running: "asyncio.Task[None]"

    def stop_the_clock(self) -> None:
        """From here on no time passes for it, however long the machine takes: nobody's allowance grows, no day ends."""
        moment = self.worker.edge.moment
        moment._loop = Stopped(moment.read())  # type: ignore[assignment]

    async def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    @property
    def host(self) -> str:
        """What goes into Host."""
        return f"127.0.0.1:{self.port}"

    async def raw(self, *chunks: bytes, pause: float = 0.0, seconds: float = 60.0) -> bytes:
        """Send ``chunks`` on one connection; all that comes back until it is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for n, chunk in enumerate(chunks):
            if n and pause:
                await asyncio.sleep(pause)
            writer.write(chunk)
            await writer.drain()
        try:
            return await read_all(reader, seconds)
        finally:
            writer.close()

    async def ask(self, method: str, target: str, body: bytes = b"", /, **headers: str) -> Heard:
        """One request on a connection of its own."""
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"{method} {target} HTTP/1.1", f"Host: {named.pop('Host', self.host)}"]
        lines += [f"{k}: {v}" for k, v in named.items()]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        lines.append("Connection: close")
        request = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        return parse(await self.raw(request))

    async def get(self, target: str, /, **headers: str) -> Heard:
        """A read without `Connection: close`: the way that may be fast."""
        client = await self.client()
        try:
            return await client.ask(self.head(target, **headers))
        finally:
            client.close()

    def head(self, target: str, /, **headers: str) -> bytes:
        """The bytes of an ordinary read."""
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"GET {target} HTTP/1.1", f"Host: {self.host}"]
        return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in named.items()), "", ""]).encode()

    async def client(self) -> "Client":
        """A connection that stays open."""
        return Client(*await asyncio.open_connection("127.0.0.1", self.port))


@dataclass
class Client:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> Heard:
        """Send, and read one answer of known length."""
        self.writer.write(request)
        return await self.answer(head=request.startswith(b"HEAD"))

    async def answer(self, *, head: bool = False) -> Heard:
        """The next answer."""
        async with asyncio.timeout(60):
            raw = await self.reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(raw)
            if length and not head:
                raw += await self.reader.readexactly(int(length[1]))
        return parse(raw)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


OpenDoor = Callable[..., Awaitable[Opened]]


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """All services, played by one process."""
    played = StandIn()
    await played.start()
    yield played
    await played.stop()


@pytest.fixture
def identity(stand_in: StandIn, keys: KeyRing) -> Identity:
    """Identity, with the sessions a test makes."""
    return Identity(stand_in, keys("identity"))


@pytest.fixture
async def door(stand_in: StandIn, identity: Identity, keys: KeyRing) -> AsyncIterator[OpenDoor]:
    """``await door(fast_path=False)``: a gateway in front of the stand-in; nothing is heard unless told."""
    running: list[asyncio.Task[None]] = []

    async def open_door(*, hearing: bool = True, **more: Any) -> Opened:
        names = ("identity", "registry", "content", "scheduling", "notifications", "benefits")
        given: dict[str, Any] = {
            "http_port": 1,
            "key_file": keys.key_file("gateway"),
            "keys_file": keys.keys_file,
            "peers": dict.fromkeys(names, stand_in.url),
            "broker_url": NO_BROKER,
            "public_url": "http://127.0.0.1",
            "run_id": "run-1",
        }
        listening = listening_socket("127.0.0.1", 0)
        worker = new_worker(Settings(**(given | more)), Counts())
        running.append(asyncio.ensure_future(worker.answer(listening)))
        opened = Opened(worker, listening.getsockname()[1], running[-1])
        await _answers(opened)
        if hearing:
            # As if the broker had let us listen; facts are then handed over by the test.
            worker.hearing.hears()
        return opened

    yield open_door
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _answers(opened: Opened) -> None:
    await eventually(lambda: _listens(opened))
    # What the gateway asks of its own accord is over before the test begins.
    await opened.worker.reference.refresh()


async def _listens(opened: Opened) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", opened.port)
    except OSError:
        return False
    writer.close()
    return True
