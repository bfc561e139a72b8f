"""Which way a registration may go; the database refuses every other, whoever asks."""

import itertools
from datetime import date

import pytest

from chassis.clock import now
from chassis.database import CheckViolation, Connection, UniqueViolation
from chassis.ids import new_id
from contracts.values import OrganisationKind
from services.registry.model.organisation import State
from services.registry.store import organisations
from tests.registry.asking import Desk

ALLOWED = {
    ("draft", "submitted"),
    ("submitted", "under_review"),
    ("submitted", "draft"),
    ("under_review", "returned"),
    ("under_review", "registered"),
    ("under_review", "rejected"),
    ("under_review", "draft"),
    ("returned", "submitted"),
    ("returned", "draft"),
    ("rejected", "draft"),
    ("registered", "suspended"),
    ("registered", "withdrawn"),
    ("suspended", "registered"),
    ("suspended", "withdrawn"),
    ("withdrawn", "draft"),
}
#: How each state is reached from a draft.
WAYS = {
    "draft": [],
    "submitted": ["submitted"],
    "under_review": ["submitted", "under_review"],
    "returned": ["submitted", "under_review", "returned"],
    "rejected": ["submitted", "under_review", "rejected"],
    "registered": ["submitted", "under_review", "registered"],
    "suspended": ["submitted", "under_review", "registered", "suspended"],
    "withdrawn": ["submitted", "under_review", "registered", "withdrawn"],
}
STEP = """
UPDATE organisations
   SET state = $2, reference = 'R8-M-' || lpad((random() * 99999999)::bigint::text, 8, '0'), code = $3, name = 'x',
       registered = '{}', registered_on = $4, effective_on = $4
 WHERE id = $1
"""


async def _at(conn: Connection, state: str, code: str = "172031") -> object:
    organisation_id = new_id()
    await organisations.add_organisation(
        conn,
        organisation_id,
        kind=OrganisationKind.MUNICIPALITY,
        source="account",
        code=code,
        name="小松市",
        now=now(),
    )
    for step in WAYS[state]:
        await conn.execute(STEP, organisation_id, step, code, date(2023, 4, 1))
    return organisation_id


@pytest.mark.parametrize(("was", "becomes"), list(itertools.permutations(State, 2)))
async def test_the_database_lets_a_registration_go_only_the_ways_there_are(
    conn: Connection, was: State, becomes: State
) -> None:
    organisation_id = await _at(conn, was)
    if (was.value, becomes.value) in ALLOWED:
        await conn.execute(STEP, organisation_id, becomes, "172031", date(2023, 4, 1))
    else:
        with pytest.raises(CheckViolation):
            await conn.execute(STEP, organisation_id, becomes, "172031", date(2023, 4, 1))


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
async def test_the_database_lets_a_registration_begin_only_as_a_draft(
    conn: Connection, state: State
) -> None:
    with pytest.raises(CheckViolation):
        await conn.execute(
            "INSERT INTO organisations (id, kind, source, account_open, claimed_code, claimed_name, state,"
            " created_at, state_since) VALUES ($1, 'municipality', 'account', true, '1', 'x', $2, now(), now())",
            new_id(),
            state,
        )


@pytest.mark.parametrize(
    "state", ["submitted", "under_review", "returned", "registered", "suspended"]
)
async def test_the_database_knows_one_registration_of_a_legal_entity(
    conn: Connection, state: str
) -> None:
    await _at(conn, state)
    with pytest.raises(UniqueViolation):
        await _at(conn, "submitted")


@pytest.mark.parametrize("state", ["draft", "rejected", "withdrawn"])
async def test_a_finished_registration_makes_room_for_another(conn: Connection, state: str) -> None:
    await _at(conn, state)
    await _at(conn, "submitted")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE listed SET item = '{}' WHERE code = '172031'",
        "UPDATE listed SET valid_from = '2000-01-01' WHERE code = '172031'",
        "DELETE FROM listed WHERE code = '172031'",
        "UPDATE submissions SET application = '{}'",
        "DELETE FROM steps",
    ],
)
async def test_what_was_known_cannot_be_rewritten(full: Desk, statement: str) -> None:
    with pytest.raises(Exception, match=r"stays known|only added to|permission denied"):
        await full.pool.execute(statement)
