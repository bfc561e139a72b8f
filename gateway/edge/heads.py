"""Heads of ordinary public reads, read from the bytes as they came; everything else is left to aiohttp.

Only what can be read in one way is read here: one GET, HTTP/1.1, plain header lines, one Host, nothing said twice,
nothing that has a body or changes the connection. ``None`` means: not that plain, take the ordinary path.
Most clients that come again send the same bytes again, so what was read is remembered (not with cookies).
"""

import re
from dataclasses import dataclass

import orjson

from gateway.edge.problems import Problem
from gateway.edge.routes import Route
from gateway.edge.targets import Place, place_of

_HEAD = re.compile(
    rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n){1,64})\r\n"
)
HOST = re.compile(rb"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9a-fA-F:]{2,39}\](?::[0-9]{1,5})?")
_LONGEST = 8000
_REMEMBERED = 2048

#: With one of these the ordinary path decides.
_UNUSUAL = frozenset(
    {
        b"authorization",
        b"connection",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"expect",
        b"http2-settings",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """An ordinary public read."""

    place: Place
    route: Route
    host: str
    if_none_match: bytes | None
    #: What whoever passed it on says about where it comes from.
    forwarded: str | None
    #: Asked of the service: head up to the value of ``X-Request-Id``.
    asking: bytes
    #: The path as a JSON text, for the log.
    path: bytes


_seen: dict[bytes, Glance] = {}


def glance(head: bytes) -> Glance | None:
    """The read ``head`` asks for, if it is an ordinary one."""
    found = _seen.get(head)
    if found is None:
        found = _read(head)
        if found is not None and b"ookie:" not in head:
            if len(_seen) >= _REMEMBERED:
                _seen.clear()
            _seen[head] = found
    return found


def _read(head: bytes) -> Glance | None:
    match = _HEAD.fullmatch(head) if len(head) <= _LONGEST else None
    if match is None:
        return None
    fields = _fields(match.group(2))
    if fields is None:
        return None
    host = fields.get(b"host", b"")
    if not HOST.fullmatch(host):
        return None
    try:
        place = place_of(match.group(1).decode())
    except Problem:
        return None
    route = place.route
    if route is None or "GET" not in route.public or route.streams:
        return None
    forwarded = fields.get(b"x-forwarded-for")
    return Glance(
        place,
        route,
        host.decode(),
        fields.get(b"if-none-match"),
        None if forwarded is None else forwarded.decode(),
        asking_of(place, route, fields),
        orjson.dumps(place.path),
    )


def _fields(block: bytes) -> dict[bytes, bytes] | None:
    fields: dict[bytes, bytes] = {}
    for line in block.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in fields or name in _UNUSUAL:
            # `Connection: keep-alive` says what is so anyway.
            if name != b"connection" or value.strip().lower() != b"keep-alive":
                return None
            continue
        fields[name] = value.strip(b" \t")
    return fields


_PASSED = (b"accept", b"accept-language", b"if-none-match", b"traceparent")


def asking_of(place: Place, route: Route, fields: dict[bytes, bytes]) -> bytes:
    """What the service is asked: built anew; an answer that is kept may depend on the address alone."""
    parts = [b"GET %b HTTP/1.1\r\nHost: %b" % (place.target, route.service.encode())]
    if route.kept is None:
        parts += [b"\r\n%b: %b" % (name, fields[name]) for name in _PASSED if fields.get(name)]
    parts.append(b"\r\nX-Request-Id: ")
    return b"".join(parts)
