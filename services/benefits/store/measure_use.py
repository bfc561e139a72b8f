"""Which measures have something left for those who apply now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection

#: So many of the latest transfers are looked at for measures in which something moved.
_LATEST = 2_000
_LEFT = """
       EXISTS (SELECT FROM lanes l WHERE l.measure_id = m.id AND l.places IS DISTINCT FROM 0)
       AND (SELECT coalesce(sum(a.debits_posted - a.credits_posted - a.credits_pending), 0)
              FROM lanes l JOIN accounts a ON a.id = l.available WHERE l.measure_id = m.id)
           >= coalesce((m.entry #>> '{amount,cap_per_entitlement_yen}')::bigint,
                       (m.entry #>> '{amount,amount_yen}')::bigint,
                       (m.entry #>> '{amount,steps,0,amount_yen}')::bigint, 1)
"""


@dataclass(frozen=True, slots=True)
class Use:
    """What was said of a measure, and how it is."""

    measure_id: UUID
    municipality_id: UUID
    used_up_at: datetime | None
    use_revision: int
    left: bool

    @property
    def said(self) -> bool:
        """Whether what was said last is still so."""
        return (self.used_up_at is None) == self.left


async def unsaid(conn: Connection, *, everywhere: bool) -> list[UUID]:
    """Open measures that are not what was said of them: where something moved a moment ago, or everywhere."""
    moved = (
        "SELECT DISTINCT ledger FROM transfers WHERE seq > (SELECT max(seq) FROM transfers) - $2"
    )
    rows = await conn.fetch(
        f"""
        SELECT m.id FROM measures m
         WHERE m.state = 'open' AND ($1 OR m.ledger IN ({moved})) AND (m.used_up_at IS NULL) IS DISTINCT FROM ({_LEFT})
        """,
        everywhere,
        _LATEST,
    )
    return [row["id"] for row in rows]


async def use_of(conn: Connection, measure_id: UUID) -> Use:
    """What was said of a measure and how it is, locked against others who would say it."""
    await conn.execute("SELECT FROM measures WHERE id = $1 FOR NO KEY UPDATE", measure_id)
    row = await conn.fetchrow(
        f"""
        SELECT m.id AS measure_id, m.municipality_id, m.used_up_at, m.use_revision, {_LEFT} AS left
          FROM measures m WHERE m.id = $1
        """,
        measure_id,
    )
    assert row is not None, measure_id
    return Use(**dict(row))


async def save_use(conn: Connection, measure_id: UUID, used_up_at: datetime | None) -> None:
    """Keep what was said."""
    await conn.execute(
        "UPDATE measures SET used_up_at = $2, use_revision = use_revision + 1 WHERE id = $1",
        measure_id,
        used_up_at,
    )
