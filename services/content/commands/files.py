"""Files are announced, come in by pieces, wait in quarantine, and are let out or refused."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from services.content.model.files.file import File, FileState, MediaType, named
from services.content.store import files


async def announce(
    conn: Connection,
    *,
    name: str,
    media_type: MediaType,
    size: int,
    sha256: str,
    by: str,
    now: datetime,
) -> File:
    """A file will come: what it claims to be is kept, and compared with what comes."""
    new = File(
        id=new_id(),
        name=named(name, media_type),
        media_type=media_type,
        size=size,
        sha256=sha256,
        declared_at=now,
    )
    await files.add_file(conn, new, by)
    return new


def awaited(file: File) -> File:
    """This file, if its content may still come."""
    if file.state is not FileState.AWAITED:
        raise Conflict("file-received", "このファイルの中身は、もう受け取っています。")
    return file


def as_announced(file: File, size: int, sha256: str) -> None:
    """Refuse a content that is not the one that was announced."""
    if (size, sha256) != (file.size, file.sha256):
        detail = (
            "届いた中身が、はじめに伝えられた大きさやハッシュと違います。もう一度送ってください。"
        )
        raise Invalid(
            "file-differs", detail, errors=[FieldError("content", "file_differs", detail)]
        )


async def checked_files(conn: Connection, wanted: list[UUID]) -> list[File]:
    """These files, if all of them were looked through."""
    if len(set(wanted)) != len(wanted):
        detail = "同じファイルが2回あります。1回にしてください。"
        raise Invalid("file-twice", detail, errors=[FieldError("files", "file_twice", detail)])
    return [(await files.file(conn, file_id)).readable() for file_id in wanted]
