"""Says when nothing is left of a measure for those who apply now, and when something is again."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from contracts.benefits import MeasureFreed, MeasureUsedUp
from services.benefits.store import measure_use


async def say(conn: Connection, measure_id: UUID, at: datetime) -> bool:
    """Say how a measure is if that was not said yet; whether it was not."""
    use = await measure_use.use_of(conn, measure_id)
    if use.said:
        return False
    await measure_use.save_use(conn, measure_id, None if use.left else at)
    kind = MeasureFreed if use.left else MeasureUsedUp
    publish(
        conn,
        kind(
            measure_id=measure_id,
            municipality_id=use.municipality_id,
            revision=use.use_revision + 1,
            occurred_at=at,
        ),
    )
    return True
