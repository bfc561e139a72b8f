"""Materials: what is handed out, for everybody and for members."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Routes
from services.content.api.asked import AsOf, audiences_of, moment_of
from services.content.api.files import FileView, file_view
from services.content.api.notices import PUBLIC
from services.content.store import materials
from services.content.store.materials import Material

routes = Routes("/api/v1/content", tag="content")
_SHARED = {"Cache-Control": "public, no-cache"}


class MaterialQuery(AsOf):
    """What it belongs to: ``event/…``, ``session/…``."""

    topic: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class MaterialView(BaseModel):
    """A file that is handed out."""

    material_id: UUID
    title: str
    topic: str
    audience: str
    published_at: datetime
    version: int
    file: FileView


class MaterialList(BaseModel):
    """What is handed out, the newest first."""

    items: list[MaterialView]


def material_view(found: Material) -> MaterialView:
    """A material as it is shown."""
    return MaterialView(
        material_id=found.id,
        title=found.title,
        topic=found.topic,
        audience=found.audience,
        published_at=found.published_at,
        version=found.version,
        file=file_view(found.file),
    )


@routes.get("/materials", public=True, answers=MaterialList)
async def list_materials(ask: Ask, conn: Connection, query: MaterialQuery) -> Answer:
    """What is handed out to everybody."""
    return Answer(await _listed(ask, conn, query, PUBLIC), headers=_SHARED)


@routes.get("/own/materials")
async def list_own_materials(ask: Ask, conn: Connection, query: MaterialQuery) -> MaterialList:
    """What is handed out to the organisation of the one who asks."""
    return await _listed(ask, conn, query, audiences_of(ask))


async def _listed(
    ask: Ask, conn: Connection, query: MaterialQuery, audiences: tuple[str, ...]
) -> MaterialList:
    at = moment_of(query, ask).at
    found = await materials.materials(conn, audiences, query.topic, at)
    return MaterialList(items=[material_view(material) for material in found])
