"""What the pages need of the house around them: services to ask, and who is visiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from aiohttp import web

from gateway.portal.hours import Differing


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the service did what it was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The answer, read; an empty mapping where there is nothing to read."""
        try:
            return orjson.loads(self.body) if self.body else {}
        except orjson.JSONDecodeError:
            return {}


@dataclass(frozen=True, slots=True)
class Visitor:
    """The member who is signed in with this browser, as identity described them."""

    member_id: str
    name: str
    sign_in_id: str
    organisation_id: str
    organisation_kind: str
    organisation_name: str
    roles: frozenset[str]
    #: The session this browser holds.
    session_id: str = ""
    #: ``open``; with ``second_factor_setup`` nothing but setting the second factor up is allowed.
    state: str = "open"
    #: How the registry says the registration of the organisation stands.
    registration: str = "none"
    #: Said once per session: ``promoted`` (a provisional account became a full one).
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """The resident who acts in this browser, at home or helped at a desk, as identity described them."""

    resident_id: str
    #: Empty until a signing certificate was read; at a desk only the first letters.
    name: str
    birth_year: int | None
    session_id: str
    desk_id: str = ""
    terminal: str = ""


@dataclass(frozen=True, slots=True)
class Entering:
    """How far a sign-in came: ``open``, ``second_factor``, ``second_factor_setup`` or ``refused``.

    ``cookies`` are complete ``Set-Cookie`` values for the answer to the browser.
    """

    state: str
    reply: Reply
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether one process behind the gateway answers, and when that was seen."""

    name: str
    ready: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window as the door knows it."""

    maintenance_id: UUID
    revision: int
    system: str
    functions: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    end_is_estimate: bool
    impact: str
    #: Finished or cancelled.
    over: bool = False

    def acts(self, at: datetime) -> bool:
        """Whether its functions rest at this instant; an estimated end lasts until it is said to be one."""
        begun = not self.over and self.starts_at <= at
        return begun and (self.end_is_estimate or at < self.ends_at)


class Services(Protocol):
    """The gateway's way to the services, as the pages use it."""

    async def ask(
        self,
        method: str,
        service_path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        token: str | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask ``/api/v1/<service>/…`` once; an answer that never came is a 503."""

    async def sign_in(self, request: web.Request, sign_in_id: str, password: str) -> Entering:
        """Open a session for this browser."""

    async def second_factor(self, request: web.Request, code: str) -> Entering:
        """Complete the session this browser holds with a code."""

    async def sign_out(self, request: web.Request) -> tuple[str, ...]:
        """End the session this browser holds; answers the cookies that make it forget."""

    async def conditions(self) -> list[Condition]:
        """Whether each process answers."""

    def windows(self) -> list[Window]:
        """Maintenance windows that are not over, the one that begins next first."""

    def desk_days(self) -> Differing:
        """Days on which the secretariat's desk is open otherwise, as scheduling said last."""


class CardDoor(Protocol):
    """Where residents come in, at home or at a desk."""

    async def sign_in_by_card(
        self, request: web.Request, answered: Mapping[str, str], terminal: str = ""
    ) -> Entering:
        """Open a session for the resident whose card answered; with a terminal, at the desk of who is signed in."""

    async def end_at_desk(self, request: web.Request, reason: str) -> tuple[str, ...]:
        """End what was begun with somebody at this terminal; answers the cookies that make the browser forget."""


SERVICES = web.AppKey("services", Services)
CARD_DOOR = web.AppKey("card_door", CardDoor)
#: Set by the edge for every request of a browser with an open session.
VISITOR = web.RequestKey("visitor", Visitor)
RESIDENT = web.RequestKey("resident", Resident)
TOKEN = web.RequestKey("token", str)
#: Set by the edge, too: who is refused before any page is reached gets a page that says when the desk answers.
DESK_DAYS = web.RequestKey("desk_days", dict)
