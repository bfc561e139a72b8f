"""What an ended match means for the measures that stood on it."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection


async def look_again(conn: Connection, municipality_id: UUID, now: datetime) -> None:
    """Close or pause what a municipality's contracts carry no longer; called where cover changed."""
