"""A service as the gateway sees one: answers what a test tells it to, and remembers what it was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from chassis.access import Keys
from chassis.clock import now
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind

#: Where the gateway learns of maintenance windows.
WINDOWS = "/api/v1/scheduling/maintenance?state=open&limit=200"
#: … and of days on which the desk is open otherwise.
DESK = "/api/v1/scheduling/calendar?days=62"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the service saw it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """One header, by any spelling."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    @property
    def names(self) -> set[str]:
        """The names of its headers, in lower case."""
        return {k.lower() for k, _ in self.headers}


Scripted = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class StandIn:
    """One process that speaks for every service."""

    asked: list[Asked] = field(default_factory=list)
    #: The paths of requests whose head has come, though their body may still be on its way.
    begun: list[str] = field(default_factory=list)
    #: By path: what is answered instead of the usual.
    scripts: dict[str, Scripted] = field(default_factory=dict)
    #: By path: what is answered before the body was read.
    early: dict[str, Scripted] = field(default_factory=dict)
    ready: bool = True
    #: The other ends of the connections that were used.
    lines: set[object] = field(default_factory=set)
    port: int = 0
    runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Answer on a free port, or again on the one it had."""
        self.runner = web.ServerRunner(
            web.Server(self._answer, access_log=None), shutdown_timeout=0.1
        )
        await self.runner.setup()
        # Shared, so that a test can hold the port while nobody listens.
        site = web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_port=True)
        await site.start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        """Be gone, as a killed process is."""
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    def of(self, path: str) -> list[Asked]:
        """What was asked about ``path``."""
        return [a for a in self.asked if a.target.partition("?")[0] == path]

    def say(self, path: str, status: int, body: bytes, **headers: str) -> None:
        """Answer ``path`` with these bytes from now on."""

        async def scripted(_: web.BaseRequest) -> web.StreamResponse:
            named = {k.replace("_", "-"): v for k, v in headers.items()}
            return web.Response(status=status, body=body, headers=named)

        self.scripts[path] = scripted

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        # aiohttp's own limit is less than the gateway's: what is too large is refused there, or by nobody.
        request = request.clone(client_max_size=64 * 1024 * 1024)
        self.begun.append(request.path)
        early = self.early.get(request.path)
        if early is not None:
            return await early(request)
        body = await request.read()
        headers = tuple((k.decode(), v.decode("latin-1")) for k, v in request.raw_headers)
        path = request.path
        if path == "/readyz":
            return web.Response(status=200 if self.ready else 503)
        script = self.scripts.get(path)
        if request.raw_path in (WINDOWS, DESK):
            # The gateway asks this of its own accord: no visitor did.
            told = web.json_response({"items": [], "next": None, "days": []})
            return await script(request) if script is not None else told
        if path.startswith("/api/") and request.transport is not None:
            self.lines.add(request.transport.get_extra_info("peername"))
        self.asked.append(Asked(request.method, request.raw_path, headers, body))
        if script is not None:
            return await script(request)
        said = {"path": path, "paths": {}} if path == "/openapi.json" else {"path": path}
        return web.Response(body=orjson.dumps(said), content_type="application/json")


class Identity:
    """What identity does for the gateway, for members a test invents."""

    def __init__(self, stand_in: StandIn, keys: Keys) -> None:
        self.keys = keys
        self.sessions: dict[str, Principal] = {}
        self.password = "correct-horse-battery"
        stand_in.scripts["/internal/sessions"] = self._open
        stand_in.scripts["/internal/sessions/exchange"] = self._exchange
        stand_in.scripts["/internal/sessions/end"] = self._end
        stand_in.scripts["/internal/sessions/second-factor"] = self._code

    def session(self, *roles: Role, kind: OrganisationKind = OrganisationKind.MUNICIPALITY) -> str:
        """A browser that is signed in; the value of its cookie."""
        value = f"session-{new_id()}"
        self.sessions[value] = Principal(
            kind="member",
            subject=str(new_id()),
            organisation_id=new_id(),
            organisation_kind=kind,
            roles=frozenset(roles or (Role.ADMIN,)),
            session_id=new_id(),
            amr=("pwd",),
        )
        return value

    async def _open(self, request: web.BaseRequest) -> web.StreamResponse:
        said = orjson.loads(await request.read())
        if said["password"] != self.password:
            problem = {"status": 401, "code": "sign-in-refused", "detail": "確かめてください。"}
            return web.json_response(problem, status=401, content_type="application/problem+json")
        return web.json_response(
            {
                "session": self.session(),
                "state": "open",
                "expires_at": now().isoformat(),
                "device": "d" * 20,
            }
        )

    async def _code(self, request: web.BaseRequest) -> web.StreamResponse:
        orjson.loads(await request.read())
        return web.json_response(
            {"session": self.session(), "state": "open", "expires_at": now().isoformat()}
        )

    async def _exchange(self, request: web.BaseRequest) -> web.StreamResponse:
        said = orjson.loads(await request.read())
        principal = self.sessions.get(said["session"])
        if principal is None:
            problem = {"status": 401, "code": "session-over", "detail": "切れました。"}
            return web.json_response(problem, status=401, content_type="application/problem+json")
        me = {
            "member_id": principal.subject,
            "name": "山田 太郎",
            "sign_in_id": "m172031-01",
            "organisation_id": str(principal.organisation_id),
            "organisation_kind": str(principal.organisation_kind),
            "organisation_name": "見本市",
            "roles": sorted(principal.roles),
            "state": "open",
            "session_id": str(principal.session_id),
        }
        expires = now().replace(microsecond=0)
        token = self.keys.sign(principal, seconds=60)
        until = expires.timestamp() + 60
        return web.json_response(
            {
                "token": token,
                "expires_at": expires.fromtimestamp(until, expires.tzinfo).isoformat(),
                "me": me,
            }
        )

    async def _end(self, request: web.BaseRequest) -> web.StreamResponse:
        said = orjson.loads(await request.read())
        self.sessions.pop(said["session"], None)
        return web.Response(status=204)


async def read_all(reader: asyncio.StreamReader, seconds: float = 60.0) -> bytes:
    """Everything until the other side hangs up."""
    async with asyncio.timeout(seconds):
        return await reader.read()
