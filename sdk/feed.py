"""Reads the change feed over HTTP, from any position on, and checks each entry before handing it over."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
from joserfc.jwk import KeySet, KeySetSerialization

from sdk.chain import Entry
from sdk.checkpoint import Checkpoint, verified
from sdk.cursor import Cursor
from sdk.errors import Contradiction, FeedError

_PAGE = 500
_FEED = "/api/v1/registry"


class Feed:
    """The change feed of one register."""

    def __init__(self, session: aiohttp.ClientSession, address: str, *, wait: int = 30) -> None:
        self._session, self._address = session, address.rstrip("/") + _FEED
        self._wait = wait

    async def entries(self, cursor: Cursor) -> AsyncIterator[tuple[Entry, Cursor]]:
        """Every entry after ``cursor`` that is there now, each with the cursor after it; keep that when done."""
        while True:
            page = await self._page(cursor, wait=0)
            if not page:
                return
            for entry in page:
                cursor = cursor.after(entry)
                yield entry, cursor

    async def follow(self, cursor: Cursor) -> AsyncIterator[tuple[Entry, Cursor]]:
        """Every entry after ``cursor``, for ever: waits for new ones and gets over interruptions."""
        pause = 1.0
        while True:
            try:
                page = await self._page(cursor, wait=self._wait)
            except Contradiction:
                raise
            except FeedError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60.0)
                continue
            pause = 1.0
            for entry in page:
                cursor = cursor.after(entry)
                yield entry, cursor

    async def keys(self) -> KeySet:
        """The register's public keys. Fetch them once, compare them with those you were given, keep them."""
        return KeySet.import_key_set(cast(KeySetSerialization, await self._get("/keys")))

    async def checkpoint(self, keys: KeySet) -> Checkpoint:
        """The signed head of the feed."""
        return verified(await self._get("/checkpoint"), keys)

    async def check(self, cursor: Cursor, keys: KeySet) -> Checkpoint:
        """The signed head, if ``cursor`` lies on the way to it."""
        signed = await self.checkpoint(keys)
        if cursor.position > signed.position:
            raise FeedError("the checkpoint is older than what was read; ask again")
        async for _, after in self.entries(cursor):
            if after.position == signed.position:
                cursor = after
                break
        if cursor.position == signed.position and cursor.chain != signed.chain:
            raise Contradiction(f"another chain was signed at {signed.position}")
        return signed

    async def snapshot(self, at: int | None = None) -> dict[str, Any]:
        """The last entry of each subject, at a position or now."""
        return await self._get("/snapshot", **({} if at is None else {"at": str(at)}))

    async def _page(self, cursor: Cursor, *, wait: int) -> list[Entry]:
        page = await self._get(
            "/changes", after=str(cursor.position), limit=str(_PAGE), wait=str(wait)
        )
        return [Entry.read(document) for document in page["entries"]]

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=self._wait + 30)
        try:
            async with self._session.get(
                self._address + path, params=query, timeout=timeout
            ) as response:
                return await _document(response)
        except (aiohttp.ClientError, TimeoutError) as why:
            raise FeedError(str(why)) from why


async def _document(response: aiohttp.ClientResponse) -> dict[str, Any]:
    document: dict[str, Any] = await response.json(content_type=None)
    if response.status == 400 and document.get("code") == "cursor-ahead":
        raise Contradiction("we have read further than the feed goes")
    if response.status != 200:
        raise FeedError(f"{response.status} {document.get('code', '')}")
    return document
