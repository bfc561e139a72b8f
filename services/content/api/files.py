"""Files: announced, sent, and handed out; contents pass in pieces and are never whole in memory."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection, reading, transaction
from chassis.ids import new_id
from chassis.refusal import NotFound, Refusal, TooLarge
from chassis.web import Ask, Body, Routes
from services.content.api.asked import audiences_of
from services.content.api.kept import SHELF
from services.content.api.notices import PUBLIC
from services.content.api.roles import SECRETARIAT, WRITERS
from services.content.commands.files import announce, as_announced
from services.content.model.files.file import LARGEST, File, FileState, MediaType
from services.content.store import files

routes = Routes("/api/v1/content", tag="content")
_PIECE = 64 * 1024
_LISTED = 50


class FileBody(Body):
    """What will come."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    media_type: Annotated[MediaType, Field(strict=False)]
    size: Annotated[int, Field(ge=1, le=LARGEST)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FileView(BaseModel):
    """A file and how far it has come."""

    file_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    state: str
    why: str | None
    declared_at: datetime


class FileList(BaseModel):
    """The files announced last."""

    items: list[FileView]


def file_view(file: File) -> FileView:
    """A file as it is shown."""
    return FileView(
        file_id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        pages=file.pages,
        state=file.state,
        why=file.why,
        declared_at=file.declared_at,
    )


@routes.get("/desk/files", organisation=SECRETARIAT)
async def list_files(conn: Connection) -> FileList:
    """The files announced last, in whatever state."""
    return FileList(items=[file_view(file) for file in await files.newest(conn, _LISTED)])


@routes.post("/desk/files", organisation=SECRETARIAT, roles=WRITERS, status=201)
async def announce_file(ask: Ask, conn: Connection, body: FileBody) -> FileView:
    """Announce a file; its content follows, and must be what was announced."""
    new = await announce(
        conn,
        name=body.name,
        media_type=body.media_type,
        size=body.size,
        sha256=body.sha256,
        by=str(ask.principal),
        now=ask.now,
    )
    return file_view(new)


@routes.get("/desk/files/{file_id}", organisation=SECRETARIAT)
async def show_file(conn: Connection, file_id: UUID) -> FileView:
    """How far a file has come."""
    return file_view(await files.file(conn, file_id))


@routes.put(
    "/desk/files/{file_id}/content", organisation=SECRETARIAT, roles=WRITERS, idempotent=False
)
async def send_content(ask: Ask, file_id: UUID) -> FileView:
    """Send the content of an announced file; sending it once more changes nothing."""
    async with reading(ask.pool) as conn:
        file = await files.file(conn, file_id)
    if file.state is FileState.AWAITED:
        await _take_in(ask, file)
        async with reading(ask.pool) as conn:
            file = await files.file(conn, file_id)
    return file_view(file)


async def _take_in(ask: Ask, file: File) -> None:
    """Nothing of the outside happens in the transaction: the content first, then the row that knows of it."""
    if (ask.request.content_length or 0) > file.size:
        raise TooLarge("body-too-large", "届いた中身が、はじめに伝えられた大きさより大きいです。")
    shelf, key = ask.app[SHELF], f"{file.place}{new_id()}"
    arrived = await shelf.put(key, ask.request.content.iter_chunked(_PIECE), file.size)
    try:
        as_announced(file, arrived.size, arrived.sha256)
    except Refusal:
        await shelf.drop(key)
        raise
    async with transaction(ask.pool) as conn:
        kept = await files.arrived(conn, file.id, key, ask.now)
    if not kept:
        await shelf.drop(key)


@routes.get("/files/{file_id}", public=True, content_type="application/octet-stream")
async def public_file(ask: Ask, file_id: UUID) -> web.StreamResponse:
    """The content of a file that is published for everybody."""
    return await _handed_out(ask, file_id, PUBLIC)


@routes.get("/own/files/{file_id}", content_type="application/octet-stream")
async def own_file(ask: Ask, file_id: UUID) -> web.StreamResponse:
    """The content of a file that is published for the organisation of the one who asks."""
    return await _handed_out(ask, file_id, audiences_of(ask))


async def _handed_out(ask: Ask, file_id: UUID, audiences: tuple[str, ...]) -> web.StreamResponse:
    async with reading(ask.pool) as conn:
        file = await files.file(conn, file_id)
        published = await files.published(conn, file_id)
    if not set(published) & set(audiences):
        raise NotFound("file-unknown", "このファイルは見つかりません。")
    content = await ask.app[SHELF].get(file.readable().key or "")
    if content is None:
        raise NotFound("file-unknown", "このファイルは見つかりません。")
    if ask.request.headers.get("If-None-Match") == f'"{file.sha256}"':
        return web.Response(status=304, headers=_heads(file))
    return await _streamed(ask, file, content)


async def _streamed(ask: Ask, file: File, content: AsyncIterator[bytes]) -> web.StreamResponse:
    answer = web.StreamResponse(headers={**_heads(file), "Content-Length": str(file.size)})
    answer.content_type = file.media_type
    await answer.prepare(ask.request)
    async for piece in content:
        await answer.write(piece)
    await answer.write_eof()
    return answer


def _heads(file: File) -> dict[str, str]:
    """A download that browsers neither guess at nor run."""
    return {
        "ETag": f'"{file.sha256}"',
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "public, no-cache",
    }
