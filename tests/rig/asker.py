"""Somebody who asks one service over HTTP, past the gateway."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4

from aiohttp.test_utils import TestClient


@dataclass
class Answered:
    """An answer with its body read."""

    status: int
    headers: Any
    content: bytes
    json: Any = None

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json["code"])

    @property
    def fields(self) -> set[tuple[str, str]]:
        """Fields and codes a problem names."""
        return {(e["field"], e["code"]) for e in self.json["errors"]}

    @property
    def codes(self) -> set[str]:
        """The codes of the fields a problem names."""
        return {str(e["code"]) for e in self.json["errors"]}


@dataclass
class Asker:
    """Somebody with a token, or without one."""

    client: TestClient[Any, Any]
    token: str | None = None
    organisation_id: UUID | None = None
    #: Where the service's addresses begin.
    base: ClassVar[str] = ""
    headers: dict[str, str] = field(default_factory=dict, kw_only=True)

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        data: bytes | AsyncIterator[bytes] | None = None,
        etag: int | str | None = None,
        key: str | None = None,
        media: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        """One request; ``key`` is its Idempotency-Key, ``etag`` its If-Match, ``media`` the type of ``data``."""
        sent = {**self.headers, **(headers or {})}
        if media:
            sent["Content-Type"] = media
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            sent.setdefault("Idempotency-Key", key or str(uuid4()))
        if etag is not None:
            sent["If-Match"] = f'"{etag}"'
        async with self.client.request(
            method, self.base + path, json=json, data=data, headers=sent
        ) as got:
            content = await got.read()
            readable = "json" in got.headers.get("Content-Type", "") and content
            return Answered(
                got.status,
                got.headers,
                content,
                await got.json(content_type=None) if readable else None,
            )

    async def get(self, path: str, **more: Any) -> Answered:
        """A read."""
        return await self.ask("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answered:
        """An act."""
        return await self.ask("POST", path, {} if json is None else json, **more)

    async def put(self, path: str, json: Any, **more: Any) -> Answered:
        """A setting."""
        return await self.ask("PUT", path, json, **more)
