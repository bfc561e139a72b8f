"""One worker: everything of the edge put together, answering until told to stop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http import HttpRequestParser
from aiohttp.web_server import Server

from chassis.access import Keys
from gateway.edge.access import Sessions
from gateway.edge.asker import Asker
from gateway.edge.cache import Cache
from gateway.edge.checks import Hosts
from gateway.edge.counts import Counts
from gateway.edge.desk import DeskDays
from gateway.edge.edge import Edge
from gateway.edge.forward import Forward, Own
from gateway.edge.health import Health, look, looking
from gateway.edge.hear import Hearing
from gateway.edge.limits import Meter
from gateway.edge.lines import Lines, NoLines
from gateway.edge.moment import Moment
from gateway.edge.pages import Pages
from gateway.edge.protocol import Door, Doorway
from gateway.edge.reads import Reads
from gateway.edge.reference import Reference
from gateway.edge.routes import ROUTES
from gateway.edge.signing import Signing
from gateway.edge.upstream import Service, sweeping
from gateway.edge.windows import Windows
from gateway.portal.mounting import add_pages
from gateway.settings import Settings

#: Header and idle deadline of a connection, and how long a stop waits for what has begun.
_KEEP_ALIVE_SECONDS = 15.0
_DRAIN_SECONDS = 10.0
_GAUGE_SECONDS = 1.0


@dataclass(slots=True)
class Worker:
    """The parts of one worker that others ask for."""

    settings: Settings
    cache: Cache
    sessions: Sessions
    counts: Counts
    lines: Lines
    services: dict[str, Service]
    doorway: Doorway
    app: web.Application
    edge: Edge
    hearing: Hearing
    reference: Reference
    desk: DeskDays

    async def answer(self, listening: socket.socket) -> None:
        """Answer on ``listening`` until cancelled, then finish what has begun."""
        async with self._tasks() as tasks, self._served() as server:
            loop = asyncio.get_running_loop()
            accepting = await loop.create_server(lambda: self._door(server), sock=listening)
            try:
                # None of them ends by itself; without one of them we would answer wrongly.
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                ended.pop().result()
            finally:
                accepting.close()

    def _door(self, server: Server) -> Door:
        return Door(
            self.doorway,
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            lingering_time=1.0,
            max_line_size=8190,
            max_headers=64,
            max_field_size=8190,
            auto_decompress=False,
            logger=logging.getLogger("gateway.door"),
        )

    @contextlib.asynccontextmanager
    async def _served(self) -> AsyncIterator[Server]:
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=_DRAIN_SECONDS)
        await runner.setup()
        server = runner.server
        assert server is not None
        # The edge stands before the router: nothing of aiohttp answers before it.
        server.request_handler = self.edge
        try:
            yield server
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(asyncio.ensure_future(runner.cleanup()))
            self.lines.flush()
            for service in self.services.values():
                service.close()

    @contextlib.asynccontextmanager
    async def _tasks(self) -> AsyncIterator["list[asyncio.Task[None]]"]:
        services = self.services.values()
        await asyncio.gather(*(look(service) for service in services))
        # Before the door opens: within a window, nobody slips in ahead of what we know of it.
        await self.hearing.windows.learn()
        broker_url = self.settings.broker_url.get_secret_value()
        loops = (
            sweeping(services),
            looking(services),
            self.hearing.listen(broker_url),
            self.reference.refreshing(),
            self.hearing.windows.learning(),
            self.desk.learning(),
            self._gauging(),
        )
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _gauging(self) -> None:
        while True:
            self.counts.set("connections", self.doorway.open)
            self.counts.set("kept_answers", len(self.cache))
            self.counts.set("kept_bytes", self.cache.bytes)
            self.counts.set("sessions", len(self.sessions))
            await asyncio.sleep(_GAUGE_SECONDS)


def new_worker(settings: Settings, counts: Counts) -> Worker:
    """A worker, assembled; needs a running loop."""
    assert_c_parser()
    loop = asyncio.get_running_loop()
    moment = Moment(loop)
    keys = Keys("gateway", settings.key_file, settings.keys_file)
    hosts = _hosts(settings)
    services = {name: Service(name, _urls(settings, name), loop) for name in _service_names()}
    meter, cache = Meter(settings.rate_factor), Cache(moment)
    lines = _lines(settings, loop, moment)
    sessions = Sessions(services["identity"], keys, moment, counts)
    reads = Reads(services, cache, counts)
    windows = Windows(services["scheduling"], moment)
    signing = Signing(sessions, hosts.scheme)
    reference = Reference(services)
    app = web.Application(client_max_size=16 * 1024 * 1024)
    desk = DeskDays(services["scheduling"], moment)
    add_pages(app, asker := Asker(services, reads, signing, moment, counts, windows, desk), asker)
    own = {**_signing_addresses(signing), **reference.addresses()}
    forward = Forward(services, sessions, reads, meter, counts, hosts.scheme, windows, own)
    pages = Pages(app, sessions, meter, hosts.scheme)
    health = Health(settings.run_id, tuple(services.values()), sessions, counts, hosts)
    edge = Edge(moment, counts, lines, hosts, forward, pages, health, pages.trouble)
    doorway = Doorway(settings.fast_path, moment, meter, counts, lines, hosts, reads)
    hearing = Hearing(cache, sessions, counts, windows)
    parts = (settings, cache, sessions, counts, lines, services, doorway, app, edge, hearing)
    return Worker(*parts, reference, desk)


def _hosts(settings: Settings) -> Hosts:
    return Hosts(
        settings.public_url, settings.hosts, settings.trusted_proxies, settings.operator_networks
    )


def _signing_addresses(signing: Signing) -> dict[tuple[str, str], Own]:
    return {
        ("POST", "/api/v1/sessions"): signing.post,
        ("POST", "/api/v1/sessions/second-factor"): signing.post_code,
        ("POST", "/api/v1/sessions/card"): signing.post_card,
        ("DELETE", "/api/v1/sessions/current"): signing.delete,
    }


def assert_c_parser() -> None:
    """The parser must be llhttp: aiohttp's own in Python reads some requests in another way."""
    if HttpRequestParser.__module__ != "aiohttp._http_parser":
        raise RuntimeError("aiohttp was installed without its C parser")


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket of this worker's own on the address all workers share."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made


def _service_names() -> list[str]:
    return sorted({"identity", "scheduling", *(route.service for route in ROUTES)})


def _urls(settings: Settings, name: str) -> list[str]:
    urls = [url.strip() for url in settings.peers.get(name, "").split(",") if url.strip()]
    if not urls:
        raise ValueError(f"GATEWAY_PEERS does not say where {name} is")
    return urls


def _lines(settings: Settings, loop: asyncio.AbstractEventLoop, moment: Moment) -> Lines:
    if settings.log_level in ("warning", "error"):
        return NoLines(loop, moment)
    return Lines(loop, moment, plain=settings.log_format == "console")
