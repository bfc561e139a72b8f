"""What may be received is reminded of, lapses back to the budget, is held once and consumed once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import JAPAN, day_of, now
from chassis.database import CheckViolation, Connection, Pool, transaction
from chassis.refusal import Conflict
from services.benefits.commands import entitlements, ledger
from services.benefits.model.entitlement import due_after, end_of
from services.benefits.model.ledger import AccountKind, Code
from services.benefits.model.measure import Measure
from services.benefits.store import budget
from services.benefits.store import entitlements as store
from tests.benefits.asking import House, Resident
from tests.benefits.conftest import Said


async def _issued(house: House, measure: Measure) -> tuple[Resident, UUID]:
    resident = house.resident()
    answer = await resident.apply(measure.id)
    return resident, UUID(answer.json["application"]["entitlement_id"])


async def _until(pool: Pool, moment: datetime) -> int:
    """Everything that is due at ``moment`` comes about."""
    turns = 0
    while True:
        async with transaction(pool) as conn:
            if not await entitlements.come_about(conn, now=moment):
                return turns
        turns += 1


async def test_it_is_reminded_of_three_times_and_lapses(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure()
    resident, entitlement_id = await _issued(house, measure)
    last = measure.entry.allocate_by
    assert await _until(pool, now()) == 0
    assert await _until(pool, end_of(last) - timedelta(seconds=1)) == 3
    assert await _until(pool, end_of(last)) == 1
    subject = f"entitlement/{entitlement_id}"
    assert await said(subject) == ["issued", "near", "near", "near", "expired"]
    when = await pool.fetchval(
        "SELECT convert_from(body, 'UTF8')::jsonb ->> 'occurred_at' FROM events WHERE subject = $1"
        " ORDER BY revision DESC LIMIT 1",
        subject,
    )
    assert datetime.fromisoformat(when) == end_of(last)
    own = (await resident.get("/own-applications")).json["items"][0]
    assert own["status"] == {"word": "期限切れ", "next": None}
    async with transaction(pool) as conn:
        sums = await budget.sums_of(conn, measure.id)
    assert (sums.available, sums.reserved) == (3_000_000, 0)


async def test_a_copy_that_comes_late_reminds_once_of_what_is_still_ahead(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure(allocate_by=day_of(now() + timedelta(days=3)))
    _, entitlement_id = await _issued(house, measure)
    await _until(pool, end_of(measure.entry.allocate_by) - timedelta(seconds=1))
    assert await said(f"entitlement/{entitlement_id}") == ["issued", "near"]


async def test_what_an_allocation_holds_does_not_lapse_and_is_held_once(
    house: House, pool: Pool, said: Said
) -> None:
    measure = await house.measure()
    _, entitlement_id = await _issued(house, measure)
    async with transaction(pool) as conn:
        await _hold(conn, measure, entitlement_id)
    with pytest.raises(Conflict):
        async with transaction(pool) as conn:
            await _hold(conn, measure, entitlement_id)
    after = end_of(measure.entry.allocate_by) + timedelta(days=1)
    assert await _until(pool, after) == 0
    async with transaction(pool) as conn:
        await entitlements.release(conn, entitlement_id, now=after)
    # Free again after its last day, it lapses at once.
    assert await _until(pool, after) == 1
    assert await said(f"entitlement/{entitlement_id}") == [
        "issued",
        "reserved",
        "released",
        "expired",
    ]


async def _hold(conn: Connection, measure: Measure, entitlement_id: UUID) -> None:
    found = await store.entitlement(conn, entitlement_id, locked=True)
    await entitlements.hold(conn, found, measure, now=now())


async def _grant(conn: Connection, measure: Measure, entitlement_id: UUID, granted: int) -> None:
    """As an order does: the yen leave ``reserved`` for the provider's account."""
    found = await store.entitlement(conn, entitlement_id)
    place: dict[str, Any] = {"owner": measure.id, "lane": found.lane}
    pending = await ledger.reserve(
        conn,
        key=f"order/{entitlement_id}",
        ledger=measure.ledger,
        debit=await ledger.account(conn, measure.ledger, AccountKind.PAYABLE, **place),
        credit=await ledger.account(conn, measure.ledger, AccountKind.RESERVED, **place),
        amount=found.amount,
        code=Code.ORDER,
        business_ref=entitlement_id,
        actor="service/benefits",
    )
    await ledger.post(conn, pending, amount=granted, actor="service/benefits")
    await entitlements.consume(
        conn, entitlement_id, measure, granted=granted, service="hidamari-pay", now=now()
    )


@pytest.mark.parametrize("granted", [3_000, 1_234])
async def test_what_is_granted_is_consumed_and_the_rest_goes_back(
    house: House, pool: Pool, said: Said, granted: int
) -> None:
    measure = await house.measure()
    resident, entitlement_id = await _issued(house, measure)
    async with transaction(pool) as conn:
        await _hold(conn, measure, entitlement_id)
        await _grant(conn, measure, entitlement_id, granted)
        sums = await budget.sums_of(conn, measure.id)
    assert (sums.granted, sums.available, sums.reserved) == (granted, 3_000_000 - granted, 0)
    # No order stands behind these yen, and that is noticed.
    house.breaks = {"i10_owed_unlike_grants": 1}
    own = (await resident.get("/own-applications")).json["items"][0]
    assert own["status"]["word"] == "付与済"
    assert await said(f"application/{own['id']}") == ["submitted", "approved", "completed"]


async def test_the_database_lets_it_go_only_where_it_may(house: House, pool: Pool) -> None:
    measure = await house.measure()
    await _issued(house, measure)
    for change in (
        "state = 'consumed', due = NULL, due_at = NULL, revision = revision + 1",
        "amount = amount + 1, revision = revision + 1",
        "person_id = gen_random_uuid(), revision = revision + 1",
        "revision = revision + 2",
    ):
        with pytest.raises(CheckViolation):
            await pool.execute(f"UPDATE entitlements SET {change}")


def test_reminders_come_at_nine_in_japan_and_the_end_at_midnight() -> None:
    last = datetime(2026, 11, 30, tzinfo=JAPAN).date()
    moment = datetime(2026, 10, 1, tzinfo=JAPAN)
    seen = []
    for _ in range(4):
        what, moment = due_after(last, moment)
        seen.append((what, moment.astimezone(JAPAN).isoformat()))
    assert seen == [
        ("remind_30", "2026-10-31T09:00:00+09:00"),
        ("remind_7", "2026-11-23T09:00:00+09:00"),
        ("remind_1", "2026-11-29T09:00:00+09:00"),
        ("expire", "2026-12-01T00:00:00+09:00"),
    ]
