"""What programmers read: ``/api/openapi.json``, ``/api/asyncapi.json`` and a page that shows the first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog

from gateway.edge import asyncapi, openapi
from gateway.edge.cache import Kept, kept_of
from gateway.edge.headers import READER
from gateway.edge.problems import Answer, Problem, unreachable
from gateway.edge.reads import Found
from gateway.edge.upstream import Service
from gateway.edge.visit import Visit

_log = structlog.get_logger()

_VENDOR = Path(__file__).parent / "vendor"
_REFRESH_SECONDS = 60.0
_RETRY_SECONDS = 2.0
_JSON = ((b"content-type", b"application/json"),)
_READER_PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API の説明 — 自治体マイナポイント</title>
</head>
<body>
<noscript>
<p>この画面には JavaScript が必要です。内容は <a href="/api/openapi.json">openapi.json</a> でご覧いただけます。</p>
</noscript>
<redoc spec-url="/api/openapi.json" hide-hostname="true"></redoc>
<script src="/api/docs/redoc.js"></script>
</body>
</html>
"""


class Reference:
    """The descriptions, joined from what the services say of themselves."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services
        self._described: dict[str, dict[str, Any]] = {}
        self._joined: Kept | None = None
        self._facts = _ready(orjson.dumps(asyncapi.describe()))

    def addresses(self) -> dict[tuple[str, str], Callable[[Visit], Awaitable[Found]]]:
        """What is answered here."""
        return {
            ("GET", "/api/openapi.json"): self.joined,
            ("GET", "/api/asyncapi.json"): self.facts,
            ("GET", "/api/docs"): _page,
            ("GET", "/api/docs/redoc.js"): _script,
        }

    async def joined(self, visit: Visit) -> Found:
        """``GET /api/openapi.json``."""
        if self._joined is None:
            await self.refresh()
        if self._joined is None:
            raise unreachable()
        return self._joined

    async def facts(self, visit: Visit) -> Found:
        """``GET /api/asyncapi.json``."""
        return self._facts

    async def refreshing(self) -> None:
        """Follow what the services say of themselves."""
        while True:
            await self.refresh()
            known = len(self._described) == len(self._services)
            await asyncio.sleep(_REFRESH_SECONDS if known else _RETRY_SECONDS)

    async def refresh(self) -> None:
        """Ask every service; one that does not answer keeps what it said last."""
        for name, service in self._services.items():
            raw = b"GET /openapi.json HTTP/1.1\r\nHost: %b\r\n\r\n" % name.encode()
            try:
                answer = await service.asked(raw, 5.0, repeatable=True)
                said = orjson.loads(answer.body) if answer.status == 200 else None
            except (Problem, orjson.JSONDecodeError):
                said = None
            if isinstance(said, dict) and isinstance(said.get("paths"), dict):
                self._described[name] = said
            else:
                _log.info("a service did not describe itself", peer=name)
        if self._described:
            self._joined = _ready(orjson.dumps(openapi.join(self._described)))


def _ready(body: bytes) -> Kept:
    return kept_of(Answer(200, _JSON, body), (), 0.0, 0)


async def _page(visit: Visit) -> Found:
    visit.every = READER
    return Answer(200, ((b"content-type", b"text/html; charset=utf-8"),), _READER_PAGE.encode())


async def _script(visit: Visit) -> Found:
    return _redoc()


def _redoc() -> Kept:
    global _script_kept
    if _script_kept is None:
        body = (_VENDOR / "redoc.standalone.js").read_bytes()
        kind = ((b"content-type", b"text/javascript; charset=utf-8"),)
        _script_kept = kept_of(Answer(200, kind, body), (), 0.0, 0)
    return _script_kept


_script_kept: Kept | None = None
