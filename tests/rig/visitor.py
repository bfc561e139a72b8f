"""Somebody at the portal's door: a browser with its cookies or a program with its token, over HTTP alone."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp

#: Answers after which the same request, under the same key, is sent again by whoever has patience.
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
LOST = (aiohttp.ClientError, ConnectionError, TimeoutError)
_TRY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    asked: str = ""

    @property
    def body(self) -> Any:
        """The document in it."""
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """The stable code of a problem; empty when it is none."""
        kind = self.headers.get("Content-Type", "")
        return str(self.body["code"]) if kind.startswith("application/problem+json") else ""

    @property
    def fields(self) -> dict[str, str]:
        """The codes of a problem by field."""
        return {error["field"]: error["code"] for error in self.body["errors"]}

    @property
    def etag(self) -> str:
        """The version to be named in `If-Match`."""
        return self.headers["ETag"]

    def expect(self, *statuses: int) -> "Answer":
        """This answer, if its status is one of those."""
        assert self.status in statuses, f"{self.asked}: {self.status} {self.raw[:2000].decode()}"
        return self

    def refused(self, status: int, code: str) -> "Answer":
        """This answer, if it is that problem, said so that a clerk can act on it."""
        assert (self.status, self.code) == (status, code), (
            f"{self.asked}: {self.status} {self.raw[:2000].decode()}"
        )
        assert self.body["detail"].endswith("。"), self.body
        return self


@dataclass(slots=True)
class Visitor:
    """One browser or program; whoever has patience repeats a write under its key until it is answered."""

    url: str
    http: aiohttp.ClientSession
    #: How long an act is tried again while something on the other side is away.
    patience: float = 0
    cookies: dict[str, str] = field(default_factory=dict)
    token: str | None = None

    async def get(self, path: str, /, **query: object) -> Answer:
        """Read something."""
        return await self.ask("GET", path, query=query)

    async def post(self, path: str, body: object = None, /, **more: Any) -> Answer:
        """Do something, once."""
        return await self.ask("POST", path, body={} if body is None else body, **more)

    async def put(self, path: str, body: object, /, **more: Any) -> Answer:
        """Put something in its place."""
        return await self.ask("PUT", path, body=body, **more)

    async def patch(self, path: str, body: object, /, **more: Any) -> Answer:
        """Change a part of something."""
        return await self.ask("PATCH", path, body=body, **more)

    async def delete(self, path: str, /, **more: Any) -> Answer:
        """Take something away."""
        return await self.ask("DELETE", path, **more)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        raw: bytes | None = None,
        key: str | None = "",
        if_match: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; ``key`` None leaves the Idempotency-Key out, empty makes a new one."""
        sent = dict(headers or {})
        if method != "GET" and key is not None:
            sent.setdefault("Idempotency-Key", key or uuid4().hex)
        if if_match is not None:
            sent["If-Match"] = if_match
        content = raw
        if raw is None and body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        target = path + (f"?{urlencode(query)}" if query else "")
        return await self._patiently(method, target, content, sent)

    async def _patiently(
        self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while True:
            try:
                answer = await self._once(method, target, content, headers)
                if not _to_be_repeated(answer) or loop.time() >= until:
                    return answer
            except LOST:
                if loop.time() >= until:
                    raise
            await asyncio.sleep(0.3)

    async def _once(
        self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        sent = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"} | {**headers, **self._who()}
        seconds = aiohttp.ClientTimeout(total=_TRY_SECONDS)
        async with self.http.request(
            method,
            self.url + target,
            data=content,
            headers=sent,
            timeout=seconds,
            allow_redirects=False,
        ) as response:
            raw = await response.read()
            self._keep(response.headers.getall("Set-Cookie", []))
            asked = f"{method} {target}"
            return Answer(response.status, response.headers.copy(), raw, asked)

    def _who(self) -> dict[str, str]:
        if self.token is not None:
            return {"Authorization": f"Bearer {self.token}"}
        if not self.cookies:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _keep(self, given: list[str]) -> None:
        """Keep cookies as a browser does on a loopback address, `Secure` or not."""
        for line in given:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def _to_be_repeated(answer: Answer) -> bool:
    return answer.status in _AGAIN or (
        answer.status == 409 and answer.code == "idempotency-key-in-flight"
    )
