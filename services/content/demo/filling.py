"""Fills an empty service; what is there already stays as it is.

The notices about maintenance are not here: they are the windows, and come from scheduling.
"""

import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.clock import JAPAN
from chassis.clock import now as present
from chassis.database import Connection, Pool, reading, transaction
from chassis.ids import new_id
from services.content.commands import documents, drafts, files, materials, publication
from services.content.demo.papers import pdf, workbook
from services.content.model.audience import Audience
from services.content.model.document import Shelf, VersionForm
from services.content.model.files.file import MediaType
from services.content.model.files.inspection import inspected
from services.content.model.writing import Writing
from services.content.outside import FileShelf
from services.content.store import documents as kept
from services.content.store import files as kept_files

_HERE = Path(__file__).parent
_BY = "service/demo"
_FORMS = {
    "規定様式1": ("団体名・会社名", "代表者の役職と氏名", "担当者", "要領に同意する", "申請日"),
    "規定様式2": ("資金の守り方", "供託・信託の別", "確かめる頻度", "確かめる担当"),
}
Row = dict[str, Any]


async def fill(pool: Pool, shelf: FileShelf) -> str:
    """Fill the site; how many notices and documents came in now."""
    async with reading(pool) as conn:
        if await kept.all_documents(conn):
            return "0 notices and 0 documents added: the site is filled"
    notices, shelved = _read("notices.json"), _read("documents.json")
    bring = _Bringing(pool, shelf)
    papers = {
        (row["slug"], version["on"]): await bring.paper(row, version)
        for row in shelved
        for version in row["versions"]
    }
    handout = await bring.handout()
    async with transaction(pool) as conn:
        named = {row.get("name", ""): await _notice(conn, row) for row in notices}
        for place, row in enumerate(shelved, 1):
            await _document(conn, row, place, named, papers)
        await materials.hand_out(
            conn,
            handout,
            title="第3回自治体DX展でお渡しした資料",
            topic="event/jichitai-dx-3",
            audience=Audience.PUBLIC,
            now=_at("2023-06-28"),
        )
    return f"{len(notices)} notices and {len(shelved)} documents added"


def _read(name: str) -> list[Row]:
    found: list[Row] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return found


def _at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(10), JAPAN)


def _text(row: Row, version: Row) -> str:
    """The reading copy, without the lines an earlier version did not have."""
    text = (_HERE / "texts" / f"{row['slug']}.txt").read_text(encoding="utf-8")
    missing = tuple(version.get("without", ()))
    return "\n".join(
        line for line in text.split("\n") if not missing or not line.startswith(missing)
    )


async def _notice(conn: Connection, row: Row) -> UUID:
    at = _at(row["on"])
    texts = {language: row[language] for language in ("ja", "easy", "en")}
    writing = Writing.model_validate(
        {"category": row["category"], "texts": texts, "links": row["links"]}
    )
    draft = await drafts.begin(conn, writing, by=_BY, now=at)
    return (await publication.schedule(conn, draft.id, None, None, None, by=_BY, now=at)).id


async def _document(
    conn: Connection,
    row: Row,
    place: int,
    named: dict[str, UUID],
    papers: dict[tuple[str, str], UUID],
) -> None:
    slug, shelf = row["slug"], Shelf(row["shelf"])
    began = _at(row["versions"][0]["on"])
    await documents.begin(conn, slug, shelf=shelf, access=Audience.PUBLIC, place=place, now=began)
    for version in row["versions"]:
        form = VersionForm.model_validate(
            {
                "title": row["title"],
                "about": row["about"],
                "effective_on": date.fromisoformat(version["on"]),
                "change_note": version["note"],
                "texts": {"ja": _text(row, version)},
                "files": [papers[slug, version["on"]]],
                "notice_id": named.get(version.get("notice", "-")),
            }
        )
        at = _at(version["on"])
        await documents.publish_version(conn, slug, form, None, by=_BY, now=at)


class _Bringing:
    """Files on their way into the object store."""

    def __init__(self, pool: Pool, shelf: FileShelf) -> None:
        self._pool, self._shelf = pool, shelf

    async def paper(self, row: Row, version: Row) -> UUID:
        """The file of a version."""
        name = f"{row['title']}_{version['on']}"
        if row.get("workbook"):
            return await self._bring(f"{name}.xlsx", MediaType.XLSX, workbook(_FORMS))
        return await self._bring(
            f"{name}.pdf", MediaType.PDF, pdf(row["title"], _text(row, version))
        )

    async def handout(self) -> UUID:
        """What was handed out at the exhibition."""
        text = (
            "まちのポイントを、ふだんの決済サービスで。\n\n- 施策に申し込む\n- 受け取り先を決める"
        )
        return await self._bring(
            "自治体DX展_配布資料.pdf", MediaType.PDF, pdf("自治体マイナポイント", text)
        )

    async def _bring(self, name: str, media_type: MediaType, content: bytes) -> UUID:
        at, digest = present(), hashlib.sha256(content).hexdigest()
        async with transaction(self._pool) as conn:
            new = await files.announce(
                conn,
                name=name,
                media_type=media_type,
                size=len(content),
                sha256=digest,
                by=_BY,
                now=at,
            )
        key = f"{new.place}{new_id()}"
        await self._shelf.put(key, _whole(content), new.size)
        found = inspected(io.BytesIO(content), new.size, media_type)
        async with transaction(self._pool) as conn:
            await kept_files.arrived(conn, new.id, key, at)
            await kept_files.save_inspection(conn, new.id, found.objection, found.pages, at)
        return new.id


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
