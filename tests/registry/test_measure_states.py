"""Which way a measure may go; the database refuses every other, whoever asks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import CheckViolation, Connection
from chassis.ids import new_id
from contracts.values import OrganisationKind
from services.registry.model.measure.state import State
from services.registry.store import organisations
from tests.registry.covering import Carried, carry

ALLOWED = {
    ("draft", "internal_review"),
    ("draft", "cancelled"),
    ("internal_review", "returned"),
    ("internal_review", "approved"),
    ("internal_review", "cancelled"),
    ("returned", "internal_review"),
    ("returned", "cancelled"),
    ("approved", "returned"),
    ("approved", "scheduled"),
    ("approved", "cancelled"),
    ("scheduled", "open"),
    ("scheduled", "paused"),
    ("scheduled", "cancelled"),
    ("open", "paused"),
    ("open", "closed"),
    ("paused", "open"),
    ("paused", "scheduled"),
    ("paused", "closed"),
    ("paused", "cancelled"),
    ("closed", "settling"),
    ("settling", "completed"),
}
#: How each state is reached from a draft.
WAYS = {
    "draft": [],
    "internal_review": ["internal_review"],
    "returned": ["internal_review", "returned"],
    "approved": ["internal_review", "approved"],
    "scheduled": ["internal_review", "approved", "scheduled"],
    "open": ["internal_review", "approved", "scheduled", "open"],
    "paused": ["internal_review", "approved", "scheduled", "paused"],
    "closed": ["internal_review", "approved", "scheduled", "open", "closed"],
    "settling": ["internal_review", "approved", "scheduled", "open", "closed", "settling"],
    "completed": [
        *("internal_review", "approved", "scheduled", "open", "closed", "settling", "completed")
    ],
    "cancelled": ["cancelled"],
}
STEP = """
UPDATE measures
   SET state = $2, entry = $3::jsonb, budget_yen = 10, most_yen = 10, published_version = 1, approved_by = 'member/b',
       drafted_by = '{member/a}', reason = 'x', due_at = $4, state_since = $4,
       opened_at = CASE WHEN $2 = 'open' THEN coalesce(opened_at, $4) ELSE opened_at END,
       ended_at = CASE WHEN $2 = 'closed' THEN $4 ELSE ended_at END
 WHERE id = $1
"""
AT = datetime(2023, 9, 10, 15, tzinfo=UTC)


class Ground:
    """A municipality, a service and a contract, all in the register, as bare rows."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.municipality_id, self.service_id = new_id(), new_id()
        self.match: Carried | None = None

    async def laid(self) -> "Ground":
        provider_id = new_id()
        for id_, kind in (
            (self.municipality_id, OrganisationKind.MUNICIPALITY),
            (provider_id, OrganisationKind.PROVIDER),
        ):
            await organisations.add_organisation(
                self.conn, id_, kind=kind, source="account", code="x", name="x", now=now()
            )
        await self.conn.execute(
            "INSERT INTO payment_services VALUES ($1, $2, 'sampo-pay', 'registered', '{}', $3, $3, 1)",
            self.service_id,
            provider_id,
            AT.date(),
        )
        for name, subject_id in (
            ("municipalities", self.municipality_id),
            ("payment-services", self.service_id),
        ):
            await self.conn.execute(
                "INSERT INTO listed (list, subject_id, code, key, item, valid_from, known_from)"
                " VALUES ($1, $2, 'x', 'x', '{}', '2023-04-01', $3)",
                name,
                subject_id,
                AT,
            )
        self.match = await carry(self.conn, self.municipality_id, "sampo-pay", year=2023)
        return self

    def entry(self, **changes: Any) -> str:
        assert self.match
        service = {
            "payment_service_id": str(self.service_id),
            "match_id": str(self.match.match_id),
        }
        entry = {
            "services": [service],
            "amount": {"grant_type": "fixed", "amount_yen": 10},
            "apply_from": AT.isoformat(),
            "apply_until": (AT + timedelta(days=9)).isoformat(),
            "allocate_by": "2023-12-01",
            "budget_yen": 10,
            "version": 1,
        }
        return json.dumps({**entry, **changes})

    async def measure(self, *way: str) -> UUID:
        measure_id = new_id()
        await self.conn.execute(
            "INSERT INTO measures (id, municipality_id, created_at, state_since) VALUES ($1, $2, $3, $3)",
            measure_id,
            self.municipality_id,
            AT,
        )
        for state in way:
            await self.step(measure_id, state)
        return measure_id

    async def step(self, measure_id: UUID, state: str, entry: str | None = None) -> None:
        await self.conn.execute(STEP, measure_id, state, entry or self.entry(), AT)

    async def refuses(self, *args: Any, by: str) -> None:
        """The statement is refused, by this rule and no other."""
        with pytest.raises(CheckViolation) as found:
            async with self.conn.transaction():
                await self.conn.execute(*args)
        assert found.value.constraint_name == by


@pytest.fixture
async def ground(conn: Connection) -> Ground:
    return await Ground(conn).laid()


@pytest.mark.parametrize("was", State)
async def test_the_database_lets_a_measure_go_only_the_ways_there_are(
    ground: Ground, was: State
) -> None:
    measure_id = await ground.measure(*WAYS[was])
    for becomes in set(State) - {was}:
        args = (STEP, measure_id, becomes, ground.entry(), AT)
        if (was.value, becomes.value) not in ALLOWED:
            await ground.refuses(*args, by="measure_transition")
            continue
        undo = ground.conn.transaction()
        await undo.start()
        await ground.conn.execute(*args)
        await undo.rollback()


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
async def test_the_database_lets_a_measure_begin_only_as_a_draft(
    ground: Ground, state: State
) -> None:
    await ground.refuses(
        "INSERT INTO measures (id, municipality_id, state, created_at, state_since) VALUES ($1, $2, $3, now(), now())",
        new_id(),
        ground.municipality_id,
        state,
        by="measure_transition",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"services": []},
        {"amount": {"grant_type": "coupon"}},
        {"services": [{"payment_service_id": str(UUID(int=1)), "match_id": str(UUID(int=2))}]},
    ],
)
@pytest.mark.parametrize("to", ["scheduled", "open"])
async def test_the_database_opens_nothing_without_cover(
    ground: Ground, change: dict[str, Any], to: str
) -> None:
    way = WAYS["approved"] if to == "scheduled" else WAYS["scheduled"]
    measure_id = await ground.measure(*way)
    await ground.refuses(STEP, measure_id, to, ground.entry(**change), AT, by="measure_cover")


async def test_the_database_resumes_nothing_whose_contract_ended(ground: Ground) -> None:
    measure_id = await ground.measure(*WAYS["open"], "paused")
    await ground.conn.execute("UPDATE contracts SET state = 'ended'")
    await ground.refuses(STEP, measure_id, "open", ground.entry(), AT, by="measure_cover")


async def test_the_database_lets_nobody_approve_what_they_drafted(ground: Ground) -> None:
    measure_id = await ground.measure("internal_review")
    await ground.refuses(
        "UPDATE measures SET drafted_by = '{member/a,member/b}', approved_by = 'member/b' WHERE id = $1",
        measure_id,
        by="drafter_is_not_approver",
    )


async def test_the_database_cancels_nothing_people_could_apply_to(ground: Ground) -> None:
    measure_id = await ground.measure(*WAYS["open"], "paused")
    await ground.refuses(
        STEP, measure_id, "cancelled", ground.entry(), AT, by="never_cancelled_once_open"
    )


async def test_the_database_knows_no_entitlement_above_the_budget(ground: Ground) -> None:
    measure_id = await ground.measure(*WAYS["scheduled"])
    await ground.refuses(
        "UPDATE measures SET most_yen = 11 WHERE id = $1", measure_id, by="entry_is_within_budget"
    )


VERSION = """
INSERT INTO measure_versions (measure_id, number, entry, form, effective_at, drafted_by, confirmed_by)
VALUES ($1, $2, $3::jsonb, '{}', now(), '{}', 'x')
"""


@pytest.mark.parametrize(
    "worse",
    [
        {"apply_until": AT.isoformat()},
        {"allocate_by": "2023-11-30"},
        {"budget_yen": 9},
        {"amount": {"grant_type": "fixed", "amount_yen": 9}},
        {"amount": {"grant_type": "purchase_rate", "amount_yen": 10}},
    ],
)
async def test_the_database_keeps_no_worse_version_once_people_could_apply(
    ground: Ground, worse: dict[str, Any]
) -> None:
    measure_id = await ground.measure(*WAYS["open"])
    await ground.conn.execute(VERSION, measure_id, 1, ground.entry())
    second = ground.entry(version=2, **worse)
    await ground.refuses(VERSION, measure_id, 2, second, by="measure_version_worse")
    await ground.refuses(VERSION, measure_id, 3, ground.entry(version=3), by="measure_version_gap")
    await ground.conn.execute(VERSION, measure_id, 2, ground.entry(version=2))


@pytest.mark.parametrize("table", ["measure_versions", "measure_steps"])
async def test_what_was_said_of_a_measure_cannot_be_rewritten(ground: Ground, table: str) -> None:
    with pytest.raises(Exception, match=r"only added to|permission denied"):
        await ground.conn.execute(f"DELETE FROM {table}")
