"""Which way a match and a contract may go; the database refuses every other, whoever asks."""

import itertools
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now, today
from chassis.database import CheckViolation, Connection, UniqueViolation
from chassis.ids import new_id
from contracts.values import OrganisationKind
from services.registry.model.agreement import ContractState
from services.registry.model.match import MatchState
from services.registry.store import organisations

WAYS = {
    "proposed": "",
    "accepted": "accepted",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "expired": "expired",
    "contract_preparing": "accepted contract_preparing",
    "contract_out": "accepted contract_preparing contract_out",
    "contracted": "accepted contract_preparing contract_out contracted",
    "active": "accepted contract_preparing contract_out contracted active",
    "ended": "accepted contract_preparing contract_out contracted active ended",
}
ALLOWED = {
    ("proposed", "accepted"),
    ("proposed", "declined"),
    ("proposed", "withdrawn"),
    ("proposed", "expired"),
    ("accepted", "contract_preparing"),
    ("accepted", "withdrawn"),
    ("contract_preparing", "contract_out"),
    ("contract_preparing", "withdrawn"),
    ("contract_out", "contract_preparing"),
    ("contract_out", "contracted"),
    ("contracted", "active"),
    ("contracted", "ended"),
    ("active", "ended"),
}
CONTRACT_WAYS = {
    "drafting": "",
    "ready": "ready",
    "sending": "ready sending",
    "out": "ready sending out",
    "concluded": "ready sending out concluded",
    "cancelled": "cancelled",
    "rejected": "ready sending out rejected",
    "send_failed": "ready send_failed",
    "bounced": "ready sending out bounced",
    "ended": "ready sending out concluded ended",
}
CONTRACT_ALLOWED = {
    "drafting": {"ready", "cancelled"},
    "ready": {"sending", "send_failed", "cancelled"},
    "sending": {"out", "send_failed", "bounced", "concluded", "rejected", "cancelled"},
    "send_failed": {"ready", "cancelled"},
    "out": {"bounced", "concluded", "rejected", "cancelled"},
    "bounced": {"out", "concluded", "rejected", "cancelled"},
    "concluded": {"ended"},
}


async def _organisation(conn: Connection, kind: OrganisationKind) -> UUID:
    made = new_id()
    await organisations.add_organisation(
        conn, made, kind=kind, source="account", code="172031", name="x", now=now()
    )
    return made


async def _pair(conn: Connection) -> tuple[UUID, UUID]:
    return (
        await _organisation(conn, OrganisationKind.MUNICIPALITY),
        await _organisation(conn, OrganisationKind.PROVIDER),
    )


async def _match(conn: Connection, state: str, pair: tuple[UUID, UUID] | None = None) -> UUID:
    made = new_id()
    await conn.execute(
        "INSERT INTO matches (id, municipality_id, provider_id, fiscal_year, proposed_by, answer_by, fee_per_grant,"
        " funding, cutoff_days, created_at, state_since)"
        " VALUES ($1, $2, $3, 2026, 'provider', $4, 10, 'invoice', 3, now(), now())",
        made,
        *(pair or await _pair(conn)),
        today(),
    )
    for step in WAYS[state].split():
        await _step(conn, made, step)
    return made


async def _step(conn: Connection, match_id: UUID, state: str) -> None:
    await conn.execute(
        "UPDATE matches SET state = $2, effective_on = $3 WHERE id = $1", match_id, state, today()
    )


async def _contract(conn: Connection, state: str) -> UUID:
    made = new_id()
    letters = "".join(c for c in made.hex.upper() if c in "0123456789ABCDEF")[-10:]
    await conn.execute(
        "INSERT INTO contracts (id, match_id, reference, title, body, valid_from, valid_until, created_at, state_since)"
        " VALUES ($1, $2, $3, 'x', 'x', $4, $4, now(), now())",
        made,
        await _match(conn, "contract_preparing"),
        f"MC-{letters}",
        today(),
    )
    for step in CONTRACT_WAYS[state].split():
        await _contract_step(conn, made, step)
    return made


async def _contract_step(conn: Connection, contract_id: UUID, state: str) -> None:
    await conn.execute(
        "UPDATE contracts SET state = $2, file = 'x', file_digest = repeat('0', 64), external_document_id = id::text,"
        " concluded_at = CASE WHEN $2 IN ('concluded', 'ended') THEN now() END WHERE id = $1",
        contract_id,
        state,
    )


@pytest.mark.parametrize("was", list(MatchState))
async def test_the_database_lets_a_match_go_only_the_ways_there_are(
    conn: Connection, was: MatchState
) -> None:
    for becomes in set(MatchState) - {was}:
        match_id = await _match(conn, was)
        await _expect(conn, (was, becomes) in ALLOWED, _step, match_id, becomes)


@pytest.mark.parametrize("was", list(ContractState))
async def test_the_database_lets_a_contract_go_only_the_ways_there_are(
    conn: Connection, was: ContractState
) -> None:
    for becomes in set(ContractState) - {was}:
        contract_id = await _contract(conn, was)
        allowed = becomes in CONTRACT_ALLOWED.get(was, set())
        await _expect(conn, allowed, _contract_step, contract_id, becomes)


async def _expect(conn: Connection, allowed: bool, step: Any, one: UUID, becomes: str) -> None:
    if allowed:
        await step(conn, one, becomes)
        return
    with pytest.raises(CheckViolation):
        async with conn.transaction():
            await step(conn, one, becomes)


async def test_the_database_knows_one_living_match_of_a_pair_and_year(conn: Connection) -> None:
    over = {"declined", "withdrawn", "expired", "ended"}
    for first, second in itertools.product(WAYS, ["proposed", "active"]):
        pair = await _pair(conn)
        await _match(conn, first, pair)
        if first in over:
            await _match(conn, second, pair)
            continue
        with pytest.raises(UniqueViolation):
            async with conn.transaction():
                await _match(conn, second, pair)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contracts SET external_document_id = 'another'",
        "UPDATE contracts SET title = 'another'",
        "UPDATE contracts SET file_digest = repeat('1', 64)",
        "UPDATE matches SET provider_id = municipality_id",
        "UPDATE matches SET fee_basis_points = 1",
        "DELETE FROM match_steps",
        "UPDATE contract_oddities SET answer = ''",
    ],
)
async def test_what_was_agreed_and_written_down_cannot_be_rewritten(
    conn: Connection, statement: str
) -> None:
    await _contract(conn, "out")
    with pytest.raises(
        Exception, match=r"stays|one document|only added to|permission denied|check constraint"
    ):
        await conn.execute(statement)


async def test_a_document_is_made_and_sent_once(conn: Connection) -> None:
    contract_id = await _contract(conn, "out")
    add = (
        "INSERT INTO contract_attempts (contract_id, number, act, begun_at, ended_at, outcome)"
        " VALUES ($1, $2, $3, now(), now(), 'done')"
    )
    for place, act in enumerate(("create", "send")):
        await conn.execute(add, contract_id, 1 + place * 2, act)
        with pytest.raises(UniqueViolation):
            async with conn.transaction():
                await conn.execute(add, contract_id, 2 + place * 2, act)
