"""What waits for reviewers, and what they proposed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound

_COLUMNS = (
    "p.id, p.municipality_id, p.measure_id, p.outcome, p.reason, p.message, p.state, p.proposed_by, p.proposed_at,"
    " p.decided_by, p.decided_at, p.remark"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a reviewer proposes for several applications at once."""

    id: UUID
    municipality_id: UUID
    measure_id: UUID
    outcome: str
    reason: str | None
    message: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    remark: str
    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One application of a proposal, and what became of it."""

    application_id: UUID
    reference: str
    amount: int
    seen: int
    now: int
    result: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application in the queue; who it is stands on its own page."""

    id: UUID
    reference: str
    measure_id: UUID
    title: str
    resident_ref: str
    state: str
    amount: int
    submitted_at: datetime
    evidence: int
    proposed: bool
    findings: str


async def queue(
    conn: Connection,
    municipality_id: UUID,
    *,
    measure_id: UUID | None,
    states: tuple[str, ...],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Waiting]:
    """Applications of a municipality, the oldest first."""
    rows = await conn.fetch(
        """
        SELECT a.id, a.reference, a.measure_id, m.title, a.resident_ref, a.state, a.amount, a.submitted_at,
               (SELECT count(*) FROM evidence e WHERE e.application_id = a.id AND e.removed_at IS NULL) AS evidence,
               EXISTS (SELECT FROM proposal_items i JOIN proposals p ON p.id = i.proposal_id
                        WHERE i.application_id = a.id AND p.state = 'proposed') AS proposed,
               (SELECT findings FROM application_events v WHERE v.application_id = a.id AND v.findings <> '[]'
                 ORDER BY v.revision DESC LIMIT 1) AS findings
          FROM applications a JOIN measures m ON m.id = a.measure_id
         WHERE m.municipality_id = $1 AND ($2::uuid IS NULL OR a.measure_id = $2) AND a.state = ANY ($3)
           AND ($4::timestamptz IS NULL OR (a.submitted_at, a.id) > ($4, $5))
         ORDER BY a.submitted_at, a.id LIMIT $6
        """,
        municipality_id,
        measure_id,
        list(states),
        *(after or (None, None)),
        limit,
    )
    return [Waiting(**{**dict(row), "findings": row["findings"] or "[]"}) for row in rows]


async def add_proposal(conn: Connection, proposal: Proposal, items: dict[UUID, int]) -> None:
    """Keep a proposal, with each application as it was seen."""
    await conn.execute(
        """
        WITH p AS (
            INSERT INTO proposals (id, municipality_id, measure_id, outcome, reason, message, proposed_by, proposed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
        )
        INSERT INTO proposal_items (proposal_id, application_id, revision)
        SELECT p.id, i.* FROM p, unnest($9::uuid[], $10::bigint[]) AS i
        """,
        proposal.id,
        proposal.municipality_id,
        proposal.measure_id,
        proposal.outcome,
        proposal.reason,
        proposal.message,
        proposal.proposed_by,
        proposal.proposed_at,
        list(items),
        list(items.values()),
    )


async def proposal(
    conn: Connection, proposal_id: UUID, municipality_id: UUID, *, locked: bool = False
) -> Proposal:
    """A proposal of a municipality; another's is not there."""
    query = f"SELECT {_COLUMNS} FROM proposals p WHERE p.id = $1 AND p.municipality_id = $2"
    row = await conn.fetchrow(
        query + " FOR UPDATE" if locked else query, proposal_id, municipality_id
    )
    if row is None:
        raise NotFound("no-such-proposal", "この案は見つかりません。")
    return Proposal(**dict(row))


async def proposals(
    conn: Connection, municipality_id: UUID, *, state: str, limit: int = 100
) -> list[Proposal]:
    """What was proposed and is in this state, the oldest first."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS}, count(*) AS count, sum(a.amount)::bigint AS amount
          FROM proposals p JOIN proposal_items i ON i.proposal_id = p.id JOIN applications a ON a.id = i.application_id
         WHERE p.municipality_id = $1 AND p.state = $2
         GROUP BY p.id ORDER BY p.proposed_at, p.id LIMIT $3
        """,
        municipality_id,
        state,
        limit,
    )
    return [Proposal(**dict(row)) for row in rows]


async def items_of(conn: Connection, proposal_id: UUID) -> list[Item]:
    """The applications of a proposal, as they were seen and as they are, in the order of their ids."""
    rows = await conn.fetch(
        "SELECT i.application_id, a.reference, a.amount, i.revision AS seen, a.revision AS now, i.result"
        "  FROM proposal_items i JOIN applications a ON a.id = i.application_id"
        " WHERE i.proposal_id = $1 ORDER BY i.application_id",
        proposal_id,
    )
    return [Item(**dict(row)) for row in rows]


async def proposed_elsewhere(conn: Connection, application_ids: list[UUID]) -> list[str]:
    """References of those that stand in a proposal nobody decided yet."""
    rows: list[Record] = await conn.fetch(
        "SELECT a.reference FROM proposal_items i JOIN proposals p ON p.id = i.proposal_id"
        "  JOIN applications a ON a.id = i.application_id"
        " WHERE i.application_id = ANY ($1) AND p.state = 'proposed' ORDER BY 1",
        application_ids,
    )
    return [row["reference"] for row in rows]


async def decide(
    conn: Connection, proposal_id: UUID, *, state: str, by: str, at: datetime, remark: str = ""
) -> None:
    """Write down what the second person said."""
    await conn.execute(
        "UPDATE proposals SET state = $2, decided_by = $3, decided_at = $4, remark = $5 WHERE id = $1",
        proposal_id,
        state,
        by,
        at,
        remark,
    )


async def save_results(conn: Connection, proposal_id: UUID, results: dict[UUID, str]) -> None:
    """Write down what became of each application."""
    await conn.execute(
        "UPDATE proposal_items i SET result = r.result"
        "  FROM unnest($2::uuid[], $3::text[]) AS r(application_id, result)"
        " WHERE i.proposal_id = $1 AND i.application_id = r.application_id",
        proposal_id,
        list(results),
        list(results.values()),
    )
