"""Materials: files that are handed out, each for those it is meant for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.content.model.audience import Audience
from services.content.model.files.file import File
from services.content.store.files import file_of

_MATERIAL = "m.id AS material_id, m.title, m.topic, m.audience, m.published_at, m.version AS material_version"


@dataclass(frozen=True, slots=True)
class Material:
    """A file with its title, what it belongs to, and for whom it is."""

    id: UUID
    title: str
    topic: str
    audience: Audience
    published_at: datetime
    version: int
    file: File


async def add_material(
    conn: Connection,
    material_id: UUID,
    file_id: UUID,
    *,
    title: str,
    topic: str,
    audience: Audience,
    now: datetime,
) -> None:
    """A file is handed out from now on."""
    await conn.execute(
        """
        INSERT INTO materials (id, file_id, title, topic, audience, published_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        material_id,
        file_id,
        title,
        topic,
        audience,
        now,
    )


async def materials(
    conn: Connection, audiences: tuple[str, ...], topic: str | None, at: datetime
) -> list[Material]:
    """What was or is handed out to these readers at an instant, the newest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_MATERIAL}, f.* FROM materials m JOIN files f ON f.id = m.file_id
         WHERE m.audience = ANY($1::text[]) AND ($2::text IS NULL OR m.topic = $2)
           AND m.published_at <= $3 AND (m.taken_at IS NULL OR m.taken_at > $3)
         ORDER BY m.published_at DESC, m.id DESC LIMIT 200
        """,
        list(audiences),
        topic,
        at,
    )
    return [_material(row) for row in rows]


async def material(conn: Connection, material_id: UUID) -> Material:
    """One material that is handed out."""
    row = await conn.fetchrow(
        f"""
        SELECT {_MATERIAL}, f.* FROM materials m JOIN files f ON f.id = m.file_id
         WHERE m.id = $1 AND m.taken_at IS NULL
        """,
        material_id,
    )
    if row is None:
        raise NotFound("material-unknown", "この配布資料は見つかりません。")
    return _material(row)


async def take_back(conn: Connection, material_id: UUID, version: int, now: datetime) -> bool:
    """A material is handed out no longer; False if somebody was faster."""
    done = await conn.fetchval(
        """
        UPDATE materials SET taken_at = greatest($3, published_at), version = version + 1
         WHERE id = $1 AND version = $2 AND taken_at IS NULL RETURNING id
        """,
        material_id,
        version,
        now,
    )
    return done is not None


def _material(row: Record) -> Material:
    return Material(
        id=row["material_id"],
        title=row["title"],
        topic=row["topic"],
        audience=Audience(row["audience"]),
        published_at=row["published_at"],
        version=row["material_version"],
        file=file_of(row),
    )
