"""The public change feed: at once, by long poll, or as server-sent events; snapshots and signed checkpoints."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import orjson
from aiohttp import web
from pydantic import AwareDatetime, BaseModel, Field

from chassis.database import Away, Connection, reading
from chassis.feeds import Entry, Head, entries, head
from chassis.refusal import Malformed, Refusal
from chassis.web import ACCESS, Answer, Ask, Json, Query, Routes
from services.registry.api.kept import STREAMS, WATCH
from services.registry.model.feed import FEED, changes_document, event, snapshot_document
from services.registry.store.snapshot import chain_at, last_entries

routes = Routes("/api/v1/registry", tag="registry")

_STREAM_SECONDS = 600
_COMMENT_SECONDS = 15
_BATCH = 200
_Position = Annotated[int, Field(ge=0, le=2**53 - 1)]


class ChangesQuery(Query):
    """From where on, how many, and how long to wait for the first."""

    after: _Position = 0
    limit: int = Field(default=100, ge=1, le=1000)
    #: Seconds to wait while there is nothing new.
    wait: int = Field(default=0, ge=0, le=60)


class SnapshotQuery(Query):
    """At which position; the head without it."""

    at: _Position | None = None


class FeedHead(BaseModel):
    """How far the feed goes."""

    position: int
    chain: str


class FeedEntry(BaseModel):
    """A public fact at its place in the feed; docs/providers.md tells how ``chain`` is computed."""

    position: int
    event_id: str
    type: str
    subject: str
    revision: int
    recorded_at: str
    chain: str
    data: dict[str, Any]


class ChangesPage(BaseModel):
    """Entries in order; ``next`` goes into ``after`` of the next request."""

    feed: str
    next: int
    head: FeedHead
    entries: list[FeedEntry]


class Snapshot(BaseModel):
    """The last entry of each subject up to a position, by subject."""

    feed: str
    position: int
    chain: str
    entries: list[FeedEntry]


class Checkpoint(BaseModel):
    """The head of the feed under the register's signature."""

    feed: str
    position: int
    chain: str
    issued_at: AwareDatetime
    #: Compact JWS (Ed25519) whose payload is the four fields above as JSON.
    signature: str


@routes.get("/changes", public=True, answers=ChangesPage)
async def changes(ask: Ask, query: ChangesQuery) -> Answer | web.StreamResponse:
    """Public facts after a position: at once, waiting for the first, or as a stream of events."""
    if "text/event-stream" in ask.request.headers.get("Accept", ""):
        after = _last_event_id(ask, query.after)
        await _look(ask, after, 1)
        with ask.app[STREAMS].one(_caller(ask)):
            return await _stream(ask, after)
    found, end = await _look(ask, query.after, query.limit)
    if not found and query.wait:
        with ask.app[STREAMS].one(_caller(ask)):
            await _wait(ask, query.after, query.wait)
        found, end = await _look(ask, query.after, query.limit)
    content = changes_document(found, after=query.after, head=end)
    return Answer(Json(content), headers={"Cache-Control": "no-store"})


@routes.get("/snapshot", public=True, answers=Snapshot)
async def snapshot(ask: Ask, conn: Connection, query: SnapshotQuery) -> Answer:
    """The feed reduced to the last entry of each subject, at a position."""
    end = await head(conn, FEED)
    at = end.position if query.at is None else query.at
    _not_ahead(at, end)
    chain = await chain_at(conn, at)
    content = snapshot_document(at, chain, await last_entries(conn, at))
    shared = {"Cache-Control": "public, no-cache"}
    return Answer(Json(content), etag=f"{FEED}-{at}", headers=shared)


@routes.get("/checkpoint", public=True, answers=Checkpoint)
async def checkpoint(ask: Ask, conn: Connection) -> Answer:
    """The head of the feed, signed."""
    end = await head(conn, FEED)
    fields = {
        "feed": FEED,
        "position": end.position,
        "chain": end.chain.hex(),
        "issued_at": _written(ask.now),
    }
    signature = ask.app[ACCESS].attest(orjson.dumps(fields), "machipo+checkpoint")
    signed = Checkpoint.model_validate({**fields, "signature": signature})
    return Answer(signed, headers={"Cache-Control": "no-store"})


@routes.get("/keys", public=True)
async def keys(ask: Ask) -> Answer:
    """The public keys that checkpoints are verified with, as a JWK set."""
    public = ask.app[ACCESS].public(ask.app[ACCESS].own).as_dict(private=False)
    return Answer(orjson.dumps(public), headers={"Cache-Control": "public, max-age=3600"})


async def _look(ask: Ask, after: int, limit: int) -> tuple[list[Entry], Head]:
    async with reading(ask.pool) as conn:
        found = await entries(conn, FEED, after, limit)
        end = await head(conn, FEED)
    _not_ahead(after, end)
    return found, end


def _not_ahead(position: int, end: Head) -> None:
    if position > end.position:
        raise Malformed(
            "cursor-ahead",
            f"位置 {position} はまだありません（いまの最後は {end.position}）。最後に読んだ位置から続けてください。",
        )


def _last_event_id(ask: Ask, after: int) -> int:
    given = ask.request.headers.get("Last-Event-ID")
    if given is None:
        return after
    if not (given.isascii() and given.isdigit() and len(given) <= 15):
        raise Malformed(
            "last-event-id-unreadable", "Last-Event-ID には最後に受け取った id を付けてください。"
        )
    return int(given)


def _caller(ask: Ask) -> str:
    return str(ask.visitor) if ask.visitor else "public"


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


async def _stream(ask: Ask, after: int) -> web.StreamResponse:
    """Every entry after a position as it comes; ends by itself so that no stream outlives a release."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Request-Id": ask.request_id,
        }
    )
    await response.prepare(ask.request)
    try:
        async with asyncio.timeout(_STREAM_SECONDS):
            await _tell(ask, response, after)
    except TimeoutError:
        await response.write(b": go on with Last-Event-ID\n\n")
    except (ConnectionError, Refusal, *Away):
        # The reader is gone, or we cannot go on: it comes back with the last id it got.
        pass
    return response


async def _wait(ask: Ask, after: int, seconds: int) -> bool:
    """Whether something came within some seconds; ends early when the process stops."""
    for _ in range(seconds):
        if ask.app[STREAMS].closing:
            return False
        if await ask.app[WATCH].grown(FEED, after, 1):
            return True
    return False


async def _tell(ask: Ask, response: web.StreamResponse, after: int) -> None:
    while not ask.app[STREAMS].closing:
        found, _ = await _look(ask, after, _BATCH)
        if found:
            await response.write(b"".join(map(event, found)))
            after = found[-1].position
        elif not await _wait(ask, after, _COMMENT_SECONDS):
            await response.write(b": nothing new\n\n")
