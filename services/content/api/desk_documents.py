"""Documents and materials on the desk of the secretariat."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Routes
from services.content.api.document_views import DocumentView, item_of, view_of
from services.content.api.materials import MaterialView, material_view
from services.content.api.roles import SECRETARIAT, WRITERS
from services.content.commands import documents as acts
from services.content.commands import materials
from services.content.model.audience import Audience
from services.content.model.document import Shelf, Slug, Version, VersionForm
from services.content.model.text import one_line
from services.content.model.writing import Line
from services.content.store import documents

routes = Routes("/api/v1/content/desk", tag="content")


class DocumentBody(Body):
    """A document that is to have versions."""

    slug: Slug
    shelf: Annotated[Shelf, Field(strict=False)]
    access: Annotated[Audience, Field(strict=False)] = Audience.PUBLIC
    place: Annotated[int, Field(ge=0, le=1000)] = 0


class BegunView(Body):
    """A document that has no version yet."""

    document_id: UUID
    slug: str
    version: int


class VersionBody(VersionForm, Body):
    """A new version."""


class MaterialBody(Body):
    """A file to hand out: its title, what it belongs to, and for whom it is."""

    file_id: Annotated[UUID, Field(strict=False)]
    title: Line
    topic: Annotated[
        str, StringConstraints(max_length=100, pattern=r"^[a-z0-9/_-]*$"), AfterValidator(one_line)
    ] = ""
    audience: Annotated[Audience, Field(strict=False)]


@routes.post("/documents", organisation=SECRETARIAT, roles=WRITERS, status=201, answers=BegunView)
async def begin_document(ask: Ask, conn: Connection, body: DocumentBody) -> Answer:
    """Begin a document; readers see it with its first version."""
    new = await acts.begin(
        conn, body.slug, shelf=body.shelf, access=body.access, place=body.place, now=ask.now
    )
    view = BegunView(document_id=new.id, slug=new.slug, version=new.version)
    return Answer(view, etag=str(new.version))


@routes.get("/documents/{slug}", organisation=SECRETARIAT, answers=DocumentView)
async def show_desk_document(ask: Ask, conn: Connection, slug: str) -> Answer:
    """A document in its newest version, whether it binds yet or not."""
    return await _newest(ask, conn, slug)


@routes.post(
    "/documents/{slug}/versions",
    organisation=SECRETARIAT,
    roles=WRITERS,
    if_match=True,
    status=201,
    answers=DocumentView,
)
async def add_version(ask: Ask, conn: Connection, slug: str, body: VersionBody) -> Answer:
    """Publish a new version; unless a notice tells of it already, one is made."""
    await acts.publish_version(conn, slug, body, ask.if_match, by=str(ask.principal), now=ask.now)
    return await _newest(ask, conn, slug)


@routes.post("/materials", organisation=SECRETARIAT, roles=WRITERS, status=201)
async def hand_out(ask: Ask, conn: Connection, body: MaterialBody) -> MaterialView:
    """Hand a file out."""
    new = await materials.hand_out(
        conn,
        body.file_id,
        title=body.title,
        topic=body.topic,
        audience=body.audience,
        now=ask.now,
    )
    return material_view(new)


@routes.delete("/materials/{material_id}", organisation=SECRETARIAT, roles=WRITERS, if_match=True)
async def take_back(ask: Ask, conn: Connection, material_id: UUID) -> None:
    """Hand a material out no longer."""
    await materials.take_back(conn, material_id, ask.if_match, now=ask.now)


async def _newest(ask: Ask, conn: Connection, slug: str) -> Answer:
    document = await documents.document(conn, slug)
    versions: list[Version] = await documents.versions_of(conn, document.id)
    if not versions:
        raise NotFound("version-unknown", "この資料には、まだ版がありません。")
    files = await documents.files_of(conn, document.id)
    shown = versions[-1]
    item = item_of(document, shown, versions, files.get(shown.number, []), ask.today)
    view = view_of(item, shown, versions, "ja", ask.today)
    return Answer(view, etag=str(document.version))
