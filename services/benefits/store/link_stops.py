"""Stops of links, and who lifted them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.link import StopReason


@dataclass(frozen=True, slots=True)
class LinkStop:
    """Somebody said that a link is not to be used."""

    id: UUID
    link_id: UUID
    provider_id: UUID
    municipality_id: UUID | None
    reason: StopReason
    words: str
    stopped_by: str
    stopped_at: datetime
    case_id: UUID
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    version: int = 1


_COLUMNS = """
       p.id, p.link_id, p.provider_id, p.municipality_id, p.reason, p.words, p.stopped_by, p.stopped_at, p.case_id,
       p.proposed_by, p.proposed_at, p.lifted_by, p.lifted_at, p.version
"""


async def add_stop(conn: Connection, new: LinkStop) -> None:
    """Keep a stop."""
    await conn.execute(
        """
        INSERT INTO link_stops (id, link_id, provider_id, municipality_id, reason, words, stopped_by, stopped_at,
                                case_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        new.id,
        new.link_id,
        new.provider_id,
        new.municipality_id,
        new.reason,
        new.words,
        new.stopped_by,
        new.stopped_at,
        new.case_id,
    )


async def stop_of(conn: Connection, link_id: UUID) -> LinkStop | None:
    """The stop under which a link is."""
    sql = f"SELECT {_COLUMNS} FROM link_stops p WHERE p.link_id = $1 AND p.lifted_at IS NULL"
    row = await conn.fetchrow(sql, link_id)
    return _stop(row) if row else None


async def link_stop(conn: Connection, stop_id: UUID, *, lock: bool = False) -> LinkStop:
    """The stop; locked until the transaction ends if asked."""
    sql = f"SELECT {_COLUMNS} FROM link_stops p WHERE p.id = $1{' FOR UPDATE' if lock else ''}"
    row = await conn.fetchrow(sql, stop_id)
    if row is None:
        raise unknown()
    return _stop(row)


async def propose(conn: Connection, stop_id: UUID, by: str, at: datetime) -> None:
    """One person would lift it; another has to."""
    sql = "UPDATE link_stops SET proposed_by = $2, proposed_at = $3, version = version + 1 WHERE id = $1"
    await conn.execute(sql, stop_id, by, at)


async def lift(conn: Connection, stop_id: UUID, by: str, at: datetime) -> None:
    """It is lifted."""
    sql = (
        "UPDATE link_stops SET lifted_by = $2, lifted_at = $3, version = version + 1 WHERE id = $1"
    )
    await conn.execute(sql, stop_id, by, at)


async def stop_page(
    conn: Connection,
    *,
    provider_id: UUID | None,
    municipality_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[LinkStop]:
    """Stops a party has to do with, the newest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM link_stops p
         WHERE ($1::uuid IS NULL OR p.provider_id = $1)
           AND ($2::uuid IS NULL OR p.municipality_id = $2)
           AND ($3::timestamptz IS NULL OR (p.stopped_at, p.id) < ($3, $4))
         ORDER BY p.stopped_at DESC, p.id DESC LIMIT $5
        """,
        provider_id,
        municipality_id,
        *(after or (None, None)),
        limit,
    )
    return [_stop(row) for row in rows]


async def accounts(conn: Connection, link_ids: list[UUID]) -> dict[UUID, Record]:
    """Of links: the payment service, the last signs of the account, and the orders that wait."""
    rows = await conn.fetch(
        """
        SELECT l.id, s.code, s.name, max(a.account_end) AS account_end,
               count(o.id) FILTER (WHERE o.state IN ('reserved', 'queued'))::int AS held,
               coalesce(sum(o.amount) FILTER (WHERE o.state = 'granted'), 0)::bigint AS granted
          FROM linked_accounts l
          JOIN payment_services s ON s.id = l.payment_service_id
          LEFT JOIN allocations a ON (a.payment_service_id, a.account_digest, a.resident_id)
                                     = (l.payment_service_id, l.account_digest, l.resident_id)
          LEFT JOIN orders o ON o.allocation_id = a.id
         WHERE l.id = ANY($1::uuid[])
         GROUP BY l.id, s.code, s.name
        """,
        link_ids,
    )
    return {row["id"]: row for row in rows}


def unknown() -> NotFound:
    """There is no such stop, as far as the asker may know."""
    return NotFound("link-stop-unknown", "この停止の記録は見つかりません。")


def _stop(row: Record) -> LinkStop:
    return LinkStop(**{**dict(row), "reason": StopReason(row["reason"])})
