"""Files are handed out, and taken back."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Stale
from services.content.commands.files import checked_files
from services.content.model.audience import Audience
from services.content.store import materials
from services.content.store.materials import Material


async def hand_out(
    conn: Connection,
    file_id: UUID,
    *,
    title: str,
    topic: str,
    audience: Audience,
    now: datetime,
) -> Material:
    """A file that was looked through is handed out to its readers."""
    await checked_files(conn, [file_id])
    material_id = new_id()
    await materials.add_material(
        conn, material_id, file_id, title=title, topic=topic, audience=audience, now=now
    )
    return await materials.material(conn, material_id)


async def take_back(
    conn: Connection, material_id: UUID, expected: int | None, *, now: datetime
) -> None:
    """A material is handed out no longer."""
    found = await materials.material(conn, material_id)
    seen = found.version if expected is None else expected
    if not await materials.take_back(conn, material_id, seen, now):
        detail = "ほかの方が先にこの配布資料を変えました。いまの内容を読み直してください。"
        raise Stale("version-stale", detail)
