"""The first thing every request meets: checked, placed on the map, answered, counted, noted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
import structlog
from aiohttp import web
from structlog.contextvars import bound_contextvars

from gateway.edge.checks import Hosts, check_headers, method_of
from gateway.edge.counts import Counts
from gateway.edge.lines import Lines
from gateway.edge.moment import Moment
from gateway.edge.problems import Problem, fault
from gateway.edge.targets import place_of
from gateway.edge.visit import Visit
from gateway.edge.whole import Whole

_log = structlog.get_logger()
_HEALTH = frozenset({"/livez", "/readyz", "/metrics"})

Handle = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Edge:
    """What every request meets; one per worker."""

    moment: Moment
    counts: Counts
    lines: Lines
    hosts: Hosts
    #: What answers addresses under ``/api/``, pages, and what only operators may read.
    api: Handle
    pages: Handle
    health: Handle
    #: A problem as a page, for people.
    trouble: Callable[[Visit, Problem], web.StreamResponse]

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer ``request``, whatever it is."""
        at = self.moment.read()
        visit = Visit(request, self.moment.request_id(at), at, self.moment)
        with bound_contextvars(request_id=visit.request_id.decode()):
            answer = await self._answer(visit)
        if request.body_exists and not request.content.is_eof():
            # Nobody will read what is still on its way.
            answer.force_close()
        self.note(visit, answer)
        return answer

    async def _answer(self, visit: Visit) -> web.StreamResponse:
        try:
            return await self._handle(visit)
        except Problem as why:
            if not visit.place.api and "text/html" in visit.request.headers.get("Accept", ""):
                return self.trouble(visit, why)
            return visit.answer(why)
        except Exception:
            _log.exception("a request failed", path=visit.place.path)
            return visit.answer(fault())

    async def _handle(self, visit: Visit) -> web.StreamResponse:
        request = visit.request
        visit.address = self.hosts.address_of(request)
        visit.method = method_of(request)
        visit.place = place_of(request.raw_path)
        if visit.place.path in _HEALTH:
            return await self.health(visit)
        visit.host = self.hosts.host_of(request)
        check_headers(request)
        return await (self.api if visit.place.api else self.pages)(visit)

    def note(self, visit: Visit, answer: web.StreamResponse) -> None:
        """Count the request and write its line."""
        at = self.moment.read()
        milliseconds = int((at - visit.at) * 1000)
        self.counts.request(visit.track, answer.status, milliseconds)
        if answer.status == 429:
            self.counts.add("rate_refused")
        self.lines.request(
            visit.request_id,
            visit.method.encode("ascii", "replace"),
            orjson.dumps(visit.place.path),
            answer.status,
            at,
            milliseconds,
            answer.size if isinstance(answer, Whole) else answer.body_length,
            orjson.dumps(visit.address),
            visit.actor,
            b"plain",
        )
