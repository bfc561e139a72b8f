"""How this worker is, for those who run it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import structlog
from aiohttp import web

from gateway.edge.access import Sessions
from gateway.edge.checks import Hosts
from gateway.edge.counts import Counts
from gateway.edge.problems import Answer, Problem, not_found
from gateway.edge.upstream import Service
from gateway.edge.visit import Visit

_log = structlog.get_logger()
_LOOK_SECONDS = 2.0
_JSON = ((b"content-type", b"application/json"),)
_TEXT = ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Health:
    """``/livez``, ``/readyz`` and ``/metrics``."""

    run_id: str
    services: Iterable[Service]
    sessions: Sessions
    counts: Counts
    hosts: Hosts

    async def __call__(self, visit: Visit) -> web.StreamResponse:
        """Answer an operator; for anybody else there is nothing here."""
        if not self.hosts.operator(visit.address):
            raise not_found()
        if visit.method not in ("GET", "HEAD"):
            raise Problem(
                405, "method-not-allowed", "この方法では受け付けていません。", {"Allow": "GET"}
            )
        if visit.place.path == "/metrics":
            return visit.answer(Answer(200, _TEXT, self.counts.text()))
        return visit.answer(self._said(ready=visit.place.path == "/readyz"))

    def _said(self, *, ready: bool) -> Answer:
        missing = {
            service.name: "does not answer"
            for service in self.services
            if not any(copy.ready for copy in service.copies)
        }
        document = {
            "service": "gateway",
            "run_id": self.run_id,
            "ready": not missing,
            "missing": missing,
            # Without the broker everything is answered, only nothing from memory.
            "hearing": self.sessions.hearing,
        }
        return Answer(503 if ready and missing else 200, _JSON, orjson.dumps(document))


async def looking(services: Iterable[Service]) -> None:
    """Keep in mind which copies are ready."""
    services = tuple(services)
    while True:
        await asyncio.gather(*(look(service) for service in services))
        await asyncio.sleep(_LOOK_SECONDS)


async def look(service: Service) -> None:
    """Ask every copy of ``service`` how it is."""
    for copy in service.copies:
        before = copy.ready
        copy.ready = await _ready(copy.host, copy.port)
        if copy.ready != before:
            _log.warning("a copy changed", peer=service.name, url=copy.url, ready=copy.ready)


async def _ready(host: str, port: int) -> bool:
    raw = b"GET /readyz HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host.encode()
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(raw)
            first = await reader.readline()
            writer.close()
    except (OSError, TimeoutError, ValueError):
        return False
    return first.split(b" ")[1:2] == [b"200"]
