"""Benefits follows the register: budgets are funded once, lists count when whole, states are what was said last."""

import json
from pathlib import Path
from typing import Any

import pytest

import contracts
from chassis.clock import now
from chassis.database import Connection
from chassis.ids import new_id
from contracts.event import Fact, facts_of
from contracts.registry import MeasureEntry, Target, TargetListCompleted, TargetListPart
from contracts.registry import measures as measure_facts
from services.benefits.commands import measures as following
from services.benefits.model.measure import State
from services.benefits.store import budget, ledger, measures
from services.benefits.subscriptions import SUBSCRIPTIONS
from tests.benefits.asking import House
from tests.benefits.offering import entry_of

EXAMPLES = Path(contracts.__file__).parent / "examples"


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("published", "published"),
        ("opened", "open"),
        ("changed", "published"),
        ("paused", "paused"),
        ("resumed", "open"),
        ("closed", "closed"),
        ("cancelled", "cancelled"),
        ("settling", "settling"),
        ("completed", "completed"),
    ],
)
async def test_a_measure_is_where_its_register_says(conn: Connection, act: str, state: str) -> None:
    type_ = f"registry.measure.{act}.v1"
    kind = facts_of(measure_facts)[type_]
    fact: Any = kind.model_validate_json((EXAMPLES / f"{type_}.json").read_bytes())
    await _hear(conn, fact)
    found = await measures.measure(conn, fact.measure_id)
    assert found.state == state
    assert found.funded_yen == found.entry.budget_yen == 54_000_000
    sums = await budget.sums_of(conn, fact.measure_id)
    assert (sums.available, sums.places) == (54_000_000, 18_000)
    await _hear(conn, fact)
    assert (await budget.sums_of(conn, fact.measure_id)).available == 54_000_000
    assert await ledger.broken(conn) == {}


async def _hear(conn: Connection, fact: Fact) -> None:
    await SUBSCRIPTIONS.handlers[fact.type](conn, fact)


async def test_every_version_is_kept(conn: Connection) -> None:
    entry, measure_id = entry_of(), new_id()
    later = entry.model_copy(update={"version": 2, "quota": 7})
    for version in (entry, later):
        await following.follow(conn, measure_id, version, State.OPEN, at=now())
    assert (await measures.version_of(conn, measure_id, 1)).quota is None
    assert (await measures.version_of(conn, measure_id, 2)).quota == 7
    kept = await conn.fetchval("SELECT entry FROM measure_versions WHERE version = 1")
    assert MeasureEntry.model_validate(json.loads(kept)) == entry


async def test_a_list_counts_once_it_is_whole(house: House) -> None:
    rules = {"target_list": True}
    measure = await house.measure(review_method="pre", eligibility=rules)
    resident, other, third = house.resident(), house.resident(), house.resident()
    list_id = new_id()
    targets = (Target(number="A-1", amount_yen=1_200), Target(number="A-2"))
    said = {"target_list_id": list_id, "measure_id": measure.id, "occurred_at": now()}
    async with house.pool.acquire() as conn:
        await _hear(conn, TargetListPart(revision=1, targets=targets, **said))  # type: ignore[arg-type]
    early = (await resident.apply(measure.id, target_number="A-1")).json["application"]
    assert (early["state"], early["reason"]) == ("rejected", "not_on_target_list")
    async with house.pool.acquire() as conn:
        await _hear(conn, TargetListCompleted(revision=2, count=2, **said))  # type: ignore[arg-type]
    own = (await resident.apply(measure.id, target_number="A-1")).json["application"]
    assert (own["state"], own["amount_yen"]) == ("approved", 1_200)
    taken = await other.apply(measure.id, target_number="A-1")
    assert (taken.status, taken.code) == (409, "application-duplicate")
    assert (await third.apply(measure.id, target_number="A-9")).json["application"]["reason"] == (
        "not_on_target_list"
    )
    assert (await other.apply(measure.id, target_number="A-2")).json["application"][
        "amount_yen"
    ] == 3_000


async def test_a_number_where_no_list_is_used_is_refused(house: House) -> None:
    measure = await house.measure()
    answer = await house.resident().apply(measure.id, target_number="A-1")
    assert (answer.status, answer.code) == (422, "application-invalid")
    unknown = await house.resident().apply(measure.id, saved_service_id=str(new_id()))
    assert (unknown.status, unknown.json["errors"][0]["field"]) == (422, "saved_service_id")
