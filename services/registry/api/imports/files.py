"""Files of measures and target lists: handed in as raw bytes, read by a job, counted once somebody says so."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.refusal import Malformed
from chassis.sheets import rows_csv
from chassis.web import Answer, Ask, Query, Routes
from contracts.values import OrganisationKind
from services.registry.api.imports.views import (
    ImportPage,
    ImportView,
    RowErrorPage,
    RowErrorView,
    import_view,
)
from services.registry.api.registration import WRITERS, NothingBody
from services.registry.commands.imports.handing_in import give_up, hand_in_file, let_count
from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.limits import LARGEST
from services.registry.model.imports.progress import Import
from services.registry.model.imports.reading import CSV, XLSX
from services.registry.store.imports import files, rows

routes = Routes("/api/v1/registry", tag="registry")
MUNICIPALITY = {OrganisationKind.MUNICIPALITY}
TAKES = (CSV, XLSX, "application/octet-stream")
Cursor = Annotated[str, StringConstraints(max_length=200)]


class FileQuery(Query):
    """What the file holds, for which measure, and its name."""

    kind: ImportKind
    measure_id: UUID | None = None
    name: Annotated[str, Field(max_length=255)] = ""


class ImportQuery(Query):
    """Which imports, newest first."""

    kind: ImportKind | None = None
    measure_id: UUID | None = None
    after: Cursor | None = None
    limit: int = Field(default=20, ge=1, le=100)


class ErrorQuery(Query):
    """A page of what to mend."""

    after: Cursor | None = None
    limit: int = Field(default=100, ge=1, le=1000)


@routes.post(
    "/imports",
    organisation=MUNICIPALITY,
    roles=WRITERS,
    takes=TAKES,
    body_limit=LARGEST,
    status=201,
)
async def add_import(ask: Ask, conn: Connection, query: FileQuery, body: bytes) -> ImportView:
    """Hand in a CSV or XLSX file; nothing counts before it was read whole and confirmed."""
    begun = await hand_in_file(
        conn,
        ask.organisation_id,
        kind=query.kind,
        measure_id=query.measure_id,
        name=query.name,
        content=body,
        by=ask.principal,
        now=ask.now,
    )
    return import_view(begun, ask.now)


@routes.get("/imports", organisation=MUNICIPALITY, roles=WRITERS)
async def imports(ask: Ask, conn: Connection, query: ImportQuery) -> ImportPage:
    """The own imports, newest first."""
    found = await files.imports_of(
        conn,
        ask.organisation_id,
        kind=query.kind,
        measure_id=query.measure_id,
        before=_before(query.after),
        limit=query.limit + 1,
    )
    shown, more = found[: query.limit], len(found) > query.limit
    last = shown[-1] if more else None
    return ImportPage(
        items=[import_view(one, ask.now) for one in shown],
        next=cursor_of(last.uploaded_at.isoformat(), str(last.id)) if last else None,
    )


@routes.get("/imports/{import_id}", organisation=MUNICIPALITY, roles=WRITERS, answers=ImportView)
async def one_import(ask: Ask, conn: Connection, import_id: UUID) -> Answer:
    """One import and how far it has come."""
    return _answer(await files.import_of(conn, ask.organisation_id, import_id), ask)


@routes.get("/imports/{import_id}/errors", organisation=MUNICIPALITY, roles=WRITERS)
async def import_errors(
    ask: Ask, conn: Connection, import_id: UUID, query: ErrorQuery
) -> RowErrorPage:
    """What must be mended, row by row; of the first 10,000 faulty rows."""
    await files.import_of(conn, ask.organisation_id, import_id)
    after = after_of(query.after, int)
    found = await rows.errors_of(
        conn, import_id, after=int(after[0]) if after else None, limit=query.limit + 1
    )
    shown, more = found[: query.limit], len(found) > query.limit
    return RowErrorPage(
        items=[
            RowErrorView(row=m.row, column=m.column, value=m.value, code=m.code, detail=m.detail)
            for _, m in shown
        ],
        next=cursor_of(shown[-1][0]) if more else None,
    )


@routes.get(
    "/imports/{import_id}/faulty.csv",
    organisation=MUNICIPALITY,
    roles=WRITERS,
    content_type="text/csv",
)
async def faulty_rows(ask: Ask, conn: Connection, import_id: UUID) -> Answer:
    """The rows that must be mended, alone, each with its row number and what to do."""
    found = await files.import_of(conn, ask.organisation_id, import_id)
    faulty = await rows.faulty_rows_of(conn, import_id)
    width = max([len(found.headings), *(len(cells) for _, cells, _ in faulty)], default=0)
    headings = [*found.headings, *[""] * (width - len(found.headings))]
    content = rows_csv(
        ["行", *headings, "直すところ"],
        ([str(n), *cells, *[""] * (width - len(cells)), why] for n, cells, why in faulty),
    )
    return as_csv(content, f"{found.name.rsplit('.', 1)[0]}-直す行.csv")


@routes.post(
    "/imports/{import_id}/confirm",
    organisation=MUNICIPALITY,
    roles=WRITERS,
    if_match=True,
    answers=ImportView,
)
async def confirm_import(ask: Ask, conn: Connection, import_id: UUID, body: NothingBody) -> Answer:
    """Let everything in the file count; all of it, or nothing if something speaks against it."""
    confirmed = await let_count(
        conn,
        ask.organisation_id,
        import_id,
        by=ask.principal,
        now=ask.now,
        expected=ask.if_match,
    )
    return _answer(confirmed, ask)


@routes.post(
    "/imports/{import_id}/cancel", organisation=MUNICIPALITY, roles=WRITERS, answers=ImportView
)
async def cancel_import(ask: Ask, conn: Connection, import_id: UUID, body: NothingBody) -> Answer:
    """Give the import up; nothing was changed, and nothing of the file is kept."""
    return _answer(await give_up(conn, ask.organisation_id, import_id, now=ask.now), ask)


def as_csv(content: bytes, name: str) -> Answer:
    """A file for spreadsheet programs that nobody else may keep."""
    return Answer(
        content,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _answer(found: Import, ask: Ask) -> Answer:
    return Answer(import_view(found, ask.now), etag=str(found.version))


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    keys = after_of(cursor, str, str)
    if keys is None:
        return None
    try:
        return datetime.fromisoformat(str(keys[0])), UUID(str(keys[1]))
    except ValueError:
        detail = "一覧の続きの位置が読み取れません。最初のページから開き直してください。"
        raise Malformed("cursor-unknown", detail) from None
