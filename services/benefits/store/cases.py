"""Cases: what has no single reading, until somebody or a statement decides."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.benefits.model.answer import CaseKind


@dataclass(frozen=True, slots=True)
class Case:
    """Something that waits for a decision."""

    id: UUID
    kind: CaseKind
    about: str
    order_id: UUID | None
    provider_id: UUID
    municipality_id: UUID | None
    measure_id: UUID | None
    answer_id: UUID | None
    owner: str
    assignee: str | None
    suspended: int
    transfer_id: UUID | None
    words: str
    state: str
    opened_at: datetime
    closed_at: datetime | None = None
    resolution: str | None = None
    closed_by: str | None = None
    proposed: str | None = None
    proposed_by: str | None = None
    version: int = 1


_COLUMNS = """
       c.id, c.kind, c.about, c.order_id, c.provider_id, c.municipality_id, c.measure_id, c.answer_id, c.owner,
       c.assignee, c.suspended, c.transfer_id, c.words, c.state, c.opened_at, c.closed_at, c.resolution, c.closed_by,
       c.proposed, c.proposed_by, c.version
"""


async def add_case(conn: Connection, new: Case) -> bool:
    """Open a case; False when the same thing has one already."""
    made = await conn.fetchval(
        """
        INSERT INTO cases (id, kind, about, order_id, provider_id, municipality_id, measure_id, answer_id, owner,
                           suspended, transfer_id, words, opened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, left($12, 2000), $13)
        ON CONFLICT (about) DO NOTHING
        RETURNING id
        """,
        new.id,
        new.kind,
        new.about,
        new.order_id,
        new.provider_id,
        new.municipality_id,
        new.measure_id,
        new.answer_id,
        new.owner,
        new.suspended,
        new.transfer_id,
        new.words,
        new.opened_at,
    )
    return made is not None


async def case(conn: Connection, case_id: UUID, *, lock: bool = False) -> Case:
    """The case; locked until the transaction ends if asked."""
    sql = f"SELECT {_COLUMNS} FROM cases c WHERE c.id = $1{' FOR UPDATE' if lock else ''}"
    row = await conn.fetchrow(sql, case_id)
    if row is None:
        raise NotFound("case-unknown", "この確認事項は見つかりません。")
    return _case(row)


async def open_cases_of(conn: Connection, order_id: UUID) -> list[Case]:
    """The open cases of an order, locked."""
    sql = f"""
        SELECT {_COLUMNS} FROM cases c WHERE c.order_id = $1 AND c.state = 'open' ORDER BY c.id FOR UPDATE
    """
    return [_case(row) for row in await conn.fetch(sql, order_id)]


async def cases_of(conn: Connection, order_id: UUID) -> list[Case]:
    """Every case of an order, the first first."""
    sql = f"SELECT {_COLUMNS} FROM cases c WHERE c.order_id = $1 ORDER BY c.opened_at, c.id"
    return [_case(row) for row in await conn.fetch(sql, order_id)]


async def close_case(
    conn: Connection, case_id: UUID, *, resolution: str, by: str, at: datetime
) -> None:
    """The case is decided."""
    await conn.execute(
        """
        UPDATE cases SET state = 'closed', resolution = $2, closed_by = $3, closed_at = $4, version = version + 1
         WHERE id = $1 AND state = 'open'
        """,
        case_id,
        resolution,
        by,
        at,
    )


async def propose(conn: Connection, case_id: UUID, resolution: str, by: str) -> None:
    """One person would decide so; another has to."""
    sql = "UPDATE cases SET proposed = $2, proposed_by = $3, version = version + 1 WHERE id = $1"
    await conn.execute(sql, case_id, resolution, by)


async def assign(conn: Connection, case_id: UUID, owner: str, assignee: str) -> None:
    """Somebody takes care of it."""
    sql = "UPDATE cases SET owner = $2, assignee = $3, version = version + 1 WHERE id = $1"
    await conn.execute(sql, case_id, owner, assignee)


async def case_page(
    conn: Connection,
    *,
    provider_id: UUID | None,
    municipality_id: UUID | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Case]:
    """Cases a party has to do with, the newest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM cases c
         WHERE ($1::uuid IS NULL OR c.provider_id = $1)
           AND ($2::uuid IS NULL OR c.municipality_id = $2)
           AND ($3::text IS NULL OR c.state = $3)
           AND ($4::timestamptz IS NULL OR (c.opened_at, c.id) < ($4, $5))
         ORDER BY c.opened_at DESC, c.id DESC LIMIT $6
        """,
        provider_id,
        municipality_id,
        state,
        *(after or (None, None)),
        limit,
    )
    return [_case(row) for row in rows]


def _case(row: Record) -> Case:
    return Case(**{**dict(row), "kind": CaseKind(row["kind"])})
