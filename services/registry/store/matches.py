"""Matches with their services and their history."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from contracts.values import GrantType, OrganisationKind
from services.registry.model.conditions import Conditions
from services.registry.model.match import Match, MatchService, MatchState

_COLUMNS = """
       m.id, m.municipality_id, m.provider_id, m.fiscal_year, m.state, m.proposed_by, m.answer_by,
       m.fee_per_grant, m.fee_basis_points, m.minimum_volume, m.funding, m.cutoff_days, m.data_fields,
       m.effective_on, m.version, m.revision, m.created_at, m.state_since, m.said_at
"""


async def match(conn: Connection, match_id: UUID) -> Match:
    """The match as it is."""
    sql = f"SELECT {_COLUMNS} FROM matches m WHERE m.id = $1"
    return _found(await conn.fetchrow(sql, match_id))


async def match_for_update(conn: Connection, match_id: UUID) -> Match:
    """The match, locked until the transaction ends."""
    sql = f"SELECT {_COLUMNS} FROM matches m WHERE m.id = $1 FOR UPDATE"
    return _found(await conn.fetchrow(sql, match_id))


async def add_match(conn: Connection, new: Match, services: tuple[MatchService, ...]) -> None:
    """Keep a proposal with its services."""
    terms = new.conditions
    await conn.execute(
        """
        INSERT INTO matches (id, municipality_id, provider_id, fiscal_year, state, proposed_by, answer_by,
                             fee_per_grant, fee_basis_points, minimum_volume, funding, cutoff_days, data_fields,
                             version, revision, created_at, state_since, said_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        new.id,
        new.municipality_id,
        new.provider_id,
        new.fiscal_year,
        new.state,
        new.proposed_by,
        new.answer_by,
        terms.fee_per_grant,
        terms.fee_basis_points,
        terms.minimum_volume,
        terms.funding,
        terms.cutoff_days,
        [str(f) for f in terms.data_fields],
        new.version,
        new.revision,
        new.created_at,
        new.state_since,
        new.said_at,
    )
    await conn.executemany(
        "INSERT INTO match_services (match_id, payment_service_id, grant_types) VALUES ($1, $2, $3)",
        [(new.id, s.payment_service_id, [str(g) for g in s.grant_types]) for s in services],
    )


async def save_match(conn: Connection, changed: Match) -> None:
    """Keep what an act made of a match."""
    await conn.execute(
        """
        UPDATE matches
           SET state = $2, effective_on = $3, version = $4, revision = $5, state_since = $6, said_at = $7
         WHERE id = $1
        """,
        changed.id,
        changed.state,
        changed.effective_on,
        changed.version,
        changed.revision,
        changed.state_since,
        changed.said_at,
    )


async def ever(
    conn: Connection, municipality_id: UUID, provider_id: UUID, fiscal_year: int
) -> bool:
    """Whether a pair ever had a match in a year."""
    sql = "SELECT EXISTS (SELECT FROM matches WHERE municipality_id = $1 AND provider_id = $2 AND fiscal_year = $3)"
    return bool(await conn.fetchval(sql, municipality_id, provider_id, fiscal_year))


async def services_of(conn: Connection, match_id: UUID) -> list[MatchService]:
    """The payment services of a match, in the order of their codes."""
    rows = await conn.fetch(
        """
        SELECT s.payment_service_id, s.grant_types
          FROM match_services s
          JOIN payment_services p ON p.id = s.payment_service_id
         WHERE s.match_id = $1
         ORDER BY p.code
        """,
        match_id,
    )
    return [
        MatchService(r["payment_service_id"], tuple(GrantType(g) for g in r["grant_types"]))
        for r in rows
    ]


async def unanswered(conn: Connection, today: date, limit: int) -> list[UUID]:
    """Proposals whose day for an answer is over."""
    rows = await conn.fetch(
        "SELECT id FROM matches WHERE state = 'proposed' AND answer_by < $1 ORDER BY answer_by LIMIT $2",
        today,
        limit,
    )
    return [row["id"] for row in rows]


async def about_to_begin(conn: Connection, today: date, limit: int) -> list[UUID]:
    """Contracted matches whose contract holds from today or before."""
    rows = await conn.fetch(
        """
        SELECT m.id
          FROM matches m
          JOIN contracts c ON c.match_id = m.id AND c.state = 'concluded'
         WHERE m.state = 'contracted' AND c.valid_from <= $1
         ORDER BY c.valid_from
         LIMIT $2
        """,
        today,
        limit,
    )
    return [row["id"] for row in rows]


async def active_of(conn: Connection, organisation_id: UUID) -> list[UUID]:
    """The active matches an organisation is a side of."""
    rows = await conn.fetch(
        "SELECT id FROM matches WHERE state = 'active' AND $1 IN (municipality_id, provider_id) ORDER BY id",
        organisation_id,
    )
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a match or its contracts."""

    at: datetime
    act: str
    side: str
    message: str
    contract_id: UUID | None


async def add_step(
    conn: Connection,
    match_id: UUID,
    act: str,
    *,
    at: datetime,
    side: str,
    actor: str,
    message: str = "",
    contract_id: UUID | None = None,
) -> None:
    """Write down what happened."""
    await conn.execute(
        """
        INSERT INTO match_steps (match_id, contract_id, at, act, side, actor, message)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        match_id,
        contract_id,
        at,
        act,
        side,
        actor,
        message,
    )


async def steps_of(conn: Connection, match_id: UUID) -> list[Step]:
    """What happened, the first first."""
    rows = await conn.fetch(
        "SELECT at, act, side, message, contract_id FROM match_steps WHERE match_id = $1 ORDER BY id",
        match_id,
    )
    return [Step(*row) for row in rows]


def _found(row: Record | None) -> Match:
    if row is None:
        raise NotFound("match-unknown", "このマッチングは見つかりません。")
    return Match(
        id=row["id"],
        municipality_id=row["municipality_id"],
        provider_id=row["provider_id"],
        fiscal_year=row["fiscal_year"],
        state=MatchState(row["state"]),
        proposed_by=OrganisationKind(row["proposed_by"]),
        answer_by=row["answer_by"],
        conditions=Conditions(
            fee_per_grant=row["fee_per_grant"],
            fee_basis_points=row["fee_basis_points"],
            minimum_volume=row["minimum_volume"],
            funding=row["funding"],
            cutoff_days=row["cutoff_days"],
            data_fields=tuple(row["data_fields"]),
        ),
        effective_on=row["effective_on"],
        version=row["version"],
        revision=row["revision"],
        created_at=row["created_at"],
        state_since=row["state_since"],
        said_at=row["said_at"],
    )
