"""One request on its way through the edge."""

from dataclasses import dataclass, field

from aiohttp import web

from gateway.edge import counts
from gateway.edge.headers import API
from gateway.edge.moment import Moment
from gateway.edge.reads import Found
from gateway.edge.targets import Place
from gateway.edge.whole import Whole, parts_of

PUBLIC = b'"public"'
_NOWHERE = Place("", None, b"")


@dataclass(slots=True)
class Visit:
    """What the edge knows of a request so far."""

    request: web.BaseRequest
    request_id: bytes
    at: float
    moment: Moment
    address: str = ""
    place: Place = _NOWHERE
    method: str = "GET"
    host: str = ""
    #: Where it is counted.
    track: int = counts.GATEWAY
    #: Who asks, as a JSON text for the log.
    actor: bytes = PUBLIC
    #: Headers the edge adds to the answer (cookies).
    more: list[tuple[bytes, bytes]] = field(default_factory=list)

    #: Security headers of the answer.
    every: bytes = API

    def header(self, name: str) -> bytes | None:
        """A header as it came, byte for byte."""
        value = self.request.headers.get(name)
        return None if value is None else value.encode("utf-8", "surrogateescape")

    def answer(self, found: Found) -> Whole:
        """What was found, as the bytes the fast path would send."""
        if_none_match = self.header("If-None-Match")
        status, start, body = parts_of(found, if_none_match, self.request_id, self.more, self.every)
        return Whole(status, start, body, self.request_id, self.moment)
