"""Whether a request is one at all: method, version, Host, headers that have no business here, addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiohttp import HttpVersion10, HttpVersion11, web

from gateway.edge.access import origin_of
from gateway.edge.headers import REFUSED
from gateway.edge.heads import HOST
from gateway.edge.problems import Problem, malformed
from gateway.settings import Network

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TOKEN = re.compile(r"[A-Z]{3,10}")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
#: Headers of which a second one would have to be guessed about.
_ONCE = (
    "Authorization",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Host",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Origin",
    "Sec-Fetch-Site",
    "X-Forwarded-For",
)


def method_of(request: web.BaseRequest) -> str:
    """The method, spelled as it must be."""
    method = request.method
    if not _TOKEN.fullmatch(method) or method not in METHODS:
        raise Problem(405, "method-not-allowed", "この方法では受け付けていません。")
    if request.version not in (HttpVersion10, HttpVersion11):
        raise Problem(505, "http-version", "この版の HTTP は受け付けていません。")
    return method


def check_headers(request: web.BaseRequest) -> None:
    """Nothing doubled that counts, nothing that changes the connection or hides the body's size."""
    headers = request.headers
    for name in _ONCE:
        if len(headers.getall(name, ())) > 1:
            raise malformed("header-doubled")
    for name in REFUSED:
        if name in headers:
            raise _refused(name)
    if "upgrade" in headers.get("Connection", "").lower():
        raise _refused("upgrade")
    if request.method in ("GET", "HEAD") and headers.get("Content-Length", "0") != "0":
        raise malformed("body-refused", "このリクエストに本文は付けられません。")
    if "Content-Length" not in headers and request.method in ("POST", "PUT", "PATCH"):
        raise Problem(411, "length-missing", "本文の長さ（Content-Length）を示してください。")


def _refused(name: str) -> Problem:
    if name == "expect":
        return Problem(417, "expect-refused", "Expect ヘッダーは受け付けていません。")
    if name == "content-encoding":
        return Problem(415, "content-encoding-refused", "圧縮した本文は受け付けていません。")
    if name == "transfer-encoding":
        return Problem(411, "length-missing", "本文の長さ（Content-Length）を示してください。")
    return malformed("header-refused")


@dataclass(slots=True)
class Hosts:
    """Which names are ours, and whose word about the client's address counts."""

    public_url: str
    more: Iterable[str] = ()
    proxies: tuple[Network, ...] = ()
    operators: tuple[Network, ...] = ()
    scheme: str = field(init=False)
    _known: dict[str, bool] = field(init=False, default_factory=dict)
    _names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.scheme, own = origin_of(self.public_url)
        names = {own.lower(), *(name.lower() for name in self.more)}
        # On one machine the port is whatever was free, and people type either name.
        if own.rpartition(":")[0] in _LOOPBACK or own in _LOOPBACK:
            names |= set(_LOOPBACK)
        self._names = frozenset(names)

    def ours(self, host: str) -> bool:
        """Whether ``host`` names us."""
        found = self._known.get(host)
        if found is None:
            low = host.lower()
            bare = re.sub(r":[0-9]+\Z", "", low)
            found = low in self._names or (bare in _LOOPBACK and bare in self._names)
            if len(self._known) < 1000:
                self._known[host] = found
        return found

    def host_of(self, request: web.BaseRequest) -> str:
        """The one Host of the request, if it is ours."""
        given = request.headers.getall("Host", [])
        if len(given) != 1 or not HOST.fullmatch(given[0].encode("utf-8", "surrogateescape")):
            raise malformed("host-malformed")
        if not self.ours(given[0]):
            raise Problem(
                421,
                "host-unknown",
                "このアドレスでは受け付けていません。アドレスをご確認ください。",
            )
        return given[0]

    def address_of(self, request: web.BaseRequest) -> str:
        """Where the client is: the connection's other end, or what a load balancer of ours says."""
        peer = peer_of(request.transport)
        return self.behind(peer, request.headers.get("X-Forwarded-For"))

    def behind(self, peer: str, forwarded: str | None) -> str:
        """The address a trusted load balancer names last; anybody else's word is not taken."""
        if forwarded is None or not self.proxies or not _within(peer, self.proxies):
            return peer
        last = forwarded.rpartition(",")[2].strip()
        try:
            return str(ip_address(last))
        except ValueError:
            return peer

    def operator(self, address: str) -> bool:
        """Whether ``address`` may see how we are."""
        return _within(address, self.operators)


def peer_of(transport: object) -> str:
    """The other end of a connection."""
    get = getattr(transport, "get_extra_info", None)
    found = get("peername") if get is not None else None
    return str(found[0]) if found else ""


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in networks)
