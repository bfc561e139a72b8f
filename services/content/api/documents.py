"""The shelf of documents as everybody, and as members, may read it; and who accepted what."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.clock import day_of
from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Query, Routes
from services.content.api.asked import AsOf, LanguageQuery, audiences_of, end_of, moment_of
from services.content.api.document_views import (
    BoundView,
    DocumentItem,
    DocumentList,
    DocumentView,
    item_of,
    ref_of,
    view_of,
)
from services.content.api.notices import PUBLIC
from services.content.api.roles import AGREEING, PARTIES, SECRETARIAT
from services.content.commands import documents as acts
from services.content.model.document import Document, Version, bound_by, in_force
from services.content.store import documents
from services.content.store.showings import Moment

routes = Routes("/api/v1/content", tag="content")
Number = Annotated[int, Field(ge=1, le=10_000)]
_SHARED = {"Cache-Control": "public, no-cache"}


class BoundQuery(Query):
    """On which day; today without it."""

    on: date | None = None


class BoundOfQuery(BoundQuery):
    """Of which organisation, and on which day."""

    organisation_id: UUID


class AcceptBody(Body):
    """Which version was read and agreed to."""

    number: Number


@routes.get("/documents", public=True, answers=DocumentList)
async def list_documents(ask: Ask, conn: Connection, query: AsOf) -> Answer:
    """The documents for everybody, each with the version that binds on a day."""
    return Answer(await shelf_at(conn, moment_of(query, ask), PUBLIC), headers=_SHARED)


@routes.get("/own/documents")
async def list_own_documents(ask: Ask, conn: Connection, query: AsOf) -> DocumentList:
    """The documents for everybody and for the organisation of the one who asks."""
    return await shelf_at(conn, moment_of(query, ask), audiences_of(ask))


@routes.get("/documents/{slug}", public=True, answers=DocumentView)
async def show_document(ask: Ask, conn: Connection, slug: str, query: LanguageQuery) -> Answer:
    """A document in the version that binds on a day."""
    return Answer(await _shown(ask, conn, slug, None, query, PUBLIC), headers=_SHARED)


@routes.get("/own/documents/{slug}")
async def show_own_document(
    ask: Ask, conn: Connection, slug: str, query: LanguageQuery
) -> DocumentView:
    """A document for the organisation of the one who asks."""
    return await _shown(ask, conn, slug, None, query, audiences_of(ask))


@routes.get("/documents/{slug}/versions/{number}", public=True, answers=DocumentView)
async def show_version(
    ask: Ask, conn: Connection, slug: str, number: Number, query: LanguageQuery
) -> Answer:
    """A document in one of its versions."""
    return Answer(await _shown(ask, conn, slug, number, query, PUBLIC), headers=_SHARED)


@routes.get("/own/documents/{slug}/versions/{number}")
async def show_own_version(
    ask: Ask, conn: Connection, slug: str, number: Number, query: LanguageQuery
) -> DocumentView:
    """One version for the organisation of the one who asks."""
    return await _shown(ask, conn, slug, number, query, audiences_of(ask))


@routes.post("/own/documents/{slug}/acceptances", organisation=PARTIES, roles=AGREEING, status=201)
async def accept_version(ask: Ask, conn: Connection, slug: str, body: AcceptBody) -> BoundView:
    """Agree to a version on behalf of the organisation."""
    document = await documents.document(conn, slug)
    document.read_by(ask.principal.organisation_kind)
    by = str(ask.principal)
    done = await acts.accept(conn, slug, body.number, ask.organisation_id, by=by, now=ask.now)
    if done is None:
        raise _no_version()
    return await _bound(conn, slug, ask.organisation_id, max(ask.today, done.effective_on))


@routes.get("/own/documents/{slug}/bound", organisation=PARTIES)
async def own_bound(ask: Ask, conn: Connection, slug: str, query: BoundQuery) -> BoundView:
    """Which text bound the organisation of the one who asks on a day."""
    return await _bound(conn, slug, ask.organisation_id, query.on or ask.today)


@routes.get("/desk/documents/{slug}/bound", organisation=SECRETARIAT)
async def bound(ask: Ask, conn: Connection, slug: str, query: BoundOfQuery) -> BoundView:
    """Which text bound an organisation on a day."""
    return await _bound(conn, slug, query.organisation_id, query.on or ask.today)


async def shelf_at(conn: Connection, moment: Moment, audiences: tuple[str, ...]) -> DocumentList:
    """The whole shelf at an instant; documents without a version that binds are not on it."""
    day = day_of(moment.at)
    items = []
    for document in await documents.all_documents(conn):
        # Versions announced later are not seen earlier.
        known = moment.known_at or moment.at
        versions = await documents.versions_of(conn, document.id, known_at=known)
        shown = in_force(versions, day)
        if document.access.value in audiences and shown is not None:
            items.append(await _item(conn, document, shown, versions, day))
    return DocumentList(as_of=day, items=items)


async def _item(
    conn: Connection, document: Document, shown: Version, versions: list[Version], day: date
) -> DocumentItem:
    files = await documents.files_of(conn, document.id)
    return item_of(document, shown, versions, files.get(shown.number, []), day)


async def _shown(
    ask: Ask,
    conn: Connection,
    slug: str,
    number: int | None,
    query: LanguageQuery,
    audiences: tuple[str, ...],
) -> DocumentView:
    moment = moment_of(query, ask)
    day = day_of(moment.at)
    document = await documents.document(conn, slug)
    known = moment.known_at or moment.at
    if document.access.value not in audiences:
        raise NotFound("document-unknown", "この資料は見つかりません。")
    versions = await documents.versions_of(conn, document.id, known_at=known)
    named = next((v for v in versions if v.number == number), None)
    shown = in_force(versions, day) if number is None else named
    if shown is None:
        raise _no_version()
    item = await _item(conn, document, shown, versions, day)
    return view_of(item, shown, versions, query.language, day)


async def _bound(conn: Connection, slug: str, organisation_id: UUID, on: date) -> BoundView:
    document = await documents.document(conn, slug)
    versions = await documents.versions_of(conn, document.id)
    until = end_of(on)
    accepted = await documents.acceptances_of(conn, slug, organisation_id, until)
    held = bound_by(versions, [(a.name, a.accepted_at) for a in accepted], on)
    now = in_force(versions, on)
    return BoundView(
        slug=slug,
        organisation_id=organisation_id,
        on=on,
        in_force=ref_of(now) if now else None,
        bound=ref_of(held[0]) if held else None,
        accepted_at=held[1] if held else None,
    )


def _no_version() -> NotFound:
    return NotFound("version-unknown", "この版は見つかりません。")
