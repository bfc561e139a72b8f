"""Who is asking: a browser's session becomes a short token, a machine client brings its own."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import orjson

from chassis.access import Keys
from chassis.clock import now
from chassis.refusal import Unauthenticated
from contracts.principal import Principal
from gateway.edge.counts import Counts
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer, Problem, token_refused, unreachable
from gateway.edge.upstream import Service

COOKIE = "__Host-machipo"
#: Tells identity that this browser signed in before, so that strangers' tries do not slow its owner down.
DEVICE = "__Host-machipo-device"
#: Beside the session of staff at a desk: the one of the person who is being helped.
DESK = "__Host-machipo-desk"
_VALUE = re.compile(r"[A-Za-z0-9_\-.]{16,100}")

#: No exchanged token is used longer, whatever identity says.
_MOST_SECONDS = 60.0
_MOST_SESSIONS = 50_000
_OWN_TOKEN_SECONDS = 25.0
#: Long enough to outlive every token that was given before.
_REMEMBER_ENDED = 5000


@dataclass(frozen=True, slots=True)
class Known:
    """A browser whose session identity vouches for."""

    token: str
    principal: Principal
    me: Mapping[str, Any]
    until: float


class Sessions:
    """Cookies exchanged for tokens; remembered for a minute, forgotten as soon as the session is over."""

    def __init__(self, identity: Service, keys: Keys, moment: Moment, counts: Counts) -> None:
        #: Whether ends of sessions are heard of; while they are not, identity is asked each time.
        self.hearing = False
        self._identity = identity
        self._keys = keys
        self._moment = moment
        self._counts = counts
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._cookies_of: dict[str, bytes] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        #: How often something was heard, or missed, that may make an answer on its way untrue.
        self._doubts = 0
        self._own: tuple[float, str] = (-1.0, "")

    def __len__(self) -> int:
        return len(self._known)

    async def known(self, cookie: str | None) -> Known | None:
        """Whom ``cookie`` stands for; None if nobody, or nobody any more."""
        if cookie is None or not _VALUE.fullmatch(cookie):
            return None
        key = sha256(cookie.encode()).digest()
        found = self._known.get(key)
        if found is not None and self.hearing and self._moment.read() < found.until:
            return found
        self._forget(key)
        return await self._exchange(cookie, key)

    async def _exchange(self, cookie: str, key: bytes) -> Known | None:
        self._counts.add("exchanges")
        asked, doubts = self._moment.read(), self._doubts
        answer = await self.ask("/internal/sessions/exchange", {"session": cookie})
        if answer.status in (401, 404, 410):
            return None
        if answer.status != 200:
            raise unreachable()
        said = orjson.loads(answer.body)
        principal = self._keys.verify(said["token"])
        left = (datetime.fromisoformat(said["expires_at"]) - now()).total_seconds()
        # A second is kept in hand: the token has to reach the service alive.
        known = Known(said["token"], principal, said["me"], asked + min(left - 1, _MOST_SECONDS))
        session = str(principal.session_id)
        if session in self._ended:
            return None
        if self.hearing and doubts == self._doubts and _lasts(said["me"]):
            self._keep(key, session, known)
        return known

    def _keep(self, key: bytes, session: str, known: Known) -> None:
        self._known[key] = known
        self._cookies_of[session] = key
        while len(self._known) > _MOST_SESSIONS:
            self._forget(next(iter(self._known)))

    def _forget(self, key: bytes) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            self._cookies_of.pop(str(known.principal.session_id), None)

    def ended(self, session: str) -> None:
        """The session or client is over: its token is not used again."""
        self._ended[session] = None
        while len(self._ended) > _REMEMBER_ENDED:
            self._ended.popitem(last=False)
        self._keys.refused = frozenset(self._ended)
        key = self._cookies_of.get(session)
        if key is not None:
            self._forget(key)

    def changed(self, organisation: str) -> None:
        """Members, roles or names of an organisation may be different: ask about them again."""
        self._doubts += 1
        for key, known in list(self._known.items()):
            if str(known.principal.organisation_id) == organisation:
                self._forget(key)

    def deaf(self) -> None:
        """Nobody tells us of ends any more: nothing remembered is believed."""
        self.hearing = False
        self._doubts += 1
        self._known.clear()
        self._cookies_of.clear()

    def bearer(self, token: str) -> Principal:
        """The machine client that brings ``token``; members' tokens never leave the house."""
        try:
            principal = self._keys.verify(token)
        except Unauthenticated:
            raise token_refused() from None
        if principal.kind != "client":
            raise token_refused()
        return principal

    async def ask(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Ask identity what only the gateway may ask."""
        content = orjson.dumps(body)
        raw = (
            b"POST %b HTTP/1.1\r\nHost: identity\r\nAuthorization: Bearer %b\r\nX-Request-Id: %b"
            b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        ) % (
            path.encode(),
            self._own_token().encode(),
            self._moment.request_id(self._moment.read()),
            len(content),
            content,
        )
        return await self._identity.asked(raw, 15.0, repeatable=path.endswith("exchange"))

    def _own_token(self) -> str:
        at = self._moment.read()
        if at >= self._own[0]:
            token = self._keys.for_service("identity", seconds=int(_OWN_TOKEN_SECONDS) + 5)
            self._own = (at + _OWN_TOKEN_SECONDS, token)
        return self._own[1]


def _lasts(me: Mapping[str, Any]) -> bool:
    """Whether the next request will hear the same.

    A session that still waits for its second factor may be open by then; one at a desk counts every request.
    """
    return me.get("state") == "open" and not me.get("desk_id")


def check_origin(headers: Mapping[str, str], scheme: str, host: str, *, cookie: bool) -> None:
    """An act must come from a page of ours, or from a program that has no browser around it."""
    site = headers.get("Sec-Fetch-Site")
    origin = headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise _elsewhere()
    if origin is not None and origin != f"{scheme}://{host}":
        raise _elsewhere()
    if cookie and site is None and origin is None:
        raise _elsewhere()


def _elsewhere() -> Problem:
    return Problem(
        403,
        "other-origin",
        "ほかのサイトからの操作は受け付けていません。このサイトの画面を開き直してから、もう一度お試しください。",
    )


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host (with port, where it is not the usual one) of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
