"""Points go where the card was read for, and nowhere else; the code refuses, and the database once more."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.database import CheckViolation, UniqueViolation, transaction
from chassis.ids import new_id
from chassis.refusal import Conflict, Forbidden, Gone, Invalid, NotFound
from contracts.proof import Proof, Purpose
from services.benefits.commands import allocations
from services.benefits.commands.allocations import Choice
from services.benefits.model.allocation import Here
from services.benefits.model.entitlement import Entitlement
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from tests.benefits.orders.granting import SERVICE, Town, granted, proof


async def _allocate(
    town: Town, found: Entitlement, card: Proof, *, account: str = "hp-1", here: Here | None = None
) -> Order:
    async with transaction(town.pool) as conn:
        return await allocations.allocate(
            conn,
            town.office,
            here or Here(found.resident_id),
            found.id,
            Choice(SERVICE.code, account, card),
        )


async def _change(town: Town, found: Entitlement, account: str) -> Order:
    async with transaction(town.pool) as conn:
        return await allocations.change(
            conn,
            town.office,
            Here(found.resident_id),
            found.id,
            Choice(SERVICE.code, account, proof(found, account, town.clock.at)),
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "link/another/hidamari-pay/0"},
        {"purpose": Purpose.APPLY},
        {"resident_id": new_id()},
        {"desk_id": new_id()},
    ],
)
async def test_a_proof_of_something_else_is_refused(town: Town, wrong: dict[str, Any]) -> None:
    found = await town.entitled()
    with pytest.raises(Forbidden, match="proof-refused"):
        await _allocate(town, found, proof(found, "hp-1", town.clock.at, **wrong))
    assert await town.pool.fetchval("SELECT count(*) FROM allocations") == 0


@pytest.mark.parametrize(("age", "fits"), [(0, True), (120, True), (121, False), (-61, False)])
async def test_a_card_that_was_read_too_long_ago_is_read_again(
    town: Town, age: int, fits: bool
) -> None:
    found = await town.entitled()
    card = proof(found, "hp-1", town.clock.at - timedelta(seconds=age))
    if fits:
        assert (await _allocate(town, found, card)).state is OrderState.RESERVED
    else:
        with pytest.raises(Forbidden, match="proof-refused"):
            await _allocate(town, found, card)


async def test_a_proof_is_good_for_one_account_only_and_once(town: Town) -> None:
    found = await town.entitled()
    card = proof(found, "hp-1", town.clock.at)
    with pytest.raises(Forbidden, match="proof-refused"):
        await _allocate(town, found, card, account="hp-2")
    await _allocate(town, found, card)
    with pytest.raises(Conflict, match="proof-used"):
        await _allocate(town, found, card)


async def test_one_proof_in_two_windows_at_once_is_used_once(town: Town) -> None:
    found = await town.entitled()
    card = proof(found, "hp-1", town.clock.at)
    ends = await asyncio.gather(
        *(_allocate(town, found, card) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Conflict", "Order"]
    assert {end.code for end in ends if isinstance(end, Conflict)} == {"proof-used"}
    assert await town.pool.fetchval("SELECT count(*) FROM orders") == 1


async def test_residents_who_name_one_account_at_once_do_not_share_it(town: Town) -> None:
    people = [await town.entitled() for _ in range(3)]
    ends = await asyncio.gather(
        *(_allocate(town, one, proof(one, "hp-1", town.clock.at)) for one in people),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Conflict", "Order"]
    assert {end.code for end in ends if isinstance(end, Conflict)} == {"account-taken"}
    assert await town.broken() == {}


async def test_another_persons_entitlement_is_not_there(town: Town) -> None:
    found = await town.entitled()
    card = proof(found, "hp-1", town.clock.at, resident_id=new_id())
    with pytest.raises(NotFound):
        await _allocate(town, found, card, here=Here(card.resident_id))


async def test_an_account_of_another_person_is_refused(town: Town) -> None:
    first, second = await town.entitled(), await town.entitled()
    await _allocate(town, first, proof(first, "hp-1", town.clock.at))
    with pytest.raises(Conflict, match="account-taken"):
        await _allocate(town, second, proof(second, "hp-1", town.clock.at))


async def test_an_account_that_cannot_be_one_is_refused(town: Town) -> None:
    found = await town.entitled()
    for account in ("", "12 34", "１２３４", "a" * 65, "hp-1\n"):
        with pytest.raises(Invalid, match="account-unreadable"):
            await _allocate(town, found, proof(found, account, town.clock.at), account=account)


async def test_after_its_last_day_nothing_is_allocated(town: Town) -> None:
    found = await town.entitled()
    town.clock.at = town.clock.at.replace(year=2024, month=2, day=1)
    with pytest.raises(Gone, match="allocation-late"):
        await _allocate(town, found, proof(found, "hp-1", town.clock.at))


async def test_two_tabs_at_once_make_one_order(town: Town) -> None:
    found = await town.entitled()
    both = [
        _allocate(town, found, proof(found, account, town.clock.at), account=account)
        for account in ("hp-1", "hp-2")
    ]
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Order"]
    assert await town.pool.fetchval("SELECT count(*) FROM orders") == 1
    assert await town.broken() == {}


async def test_until_it_is_sent_another_account_can_be_chosen(town: Town) -> None:
    found = await town.entitled()
    first = await town.allocated(found)
    second = await _change(town, found, "hp-other")
    assert (await town.order(first.id)).state is OrderState.CANCELLED
    await town.clerk().turn()
    with pytest.raises(Conflict, match="allocation-sent"):
        await _change(town, found, "hp-third")
    await town.says(granted(second), second.id)
    assert (await town.order(second.id)).state is OrderState.GRANTED
    assert await town.broken() == {}


async def test_a_service_the_measure_does_not_offer_is_refused(town: Town) -> None:
    found = await town.entitled()
    async with transaction(town.pool) as conn:
        with pytest.raises(Invalid, match="service-not-offered"):
            await allocations.allocate(
                conn,
                town.office,
                Here(found.resident_id),
                found.id,
                Choice("other-pay", "hp-1", proof(found, "hp-1", town.clock.at)),
            )


_FORGED = """
    INSERT INTO allocations (id, entitlement_id, person_id, resident_id, payment_service_id, payment_service_code,
                             provider_id, account_sealed, account_digest, account_end, proof_id, chosen_by, revision,
                             created_at, said_at)
    SELECT gen_random_uuid(), entitlement_id, person_id, resident_id, payment_service_id, payment_service_code,
           provider_id, account_sealed, {digest}, account_end, {proof}, chosen_by, 1,
           created_at + interval '{later}', said_at
      FROM allocations LIMIT 1
"""


@pytest.mark.parametrize(
    ("digest", "card", "later", "refusal"),
    [
        ("account_digest", "proof_id", "0 seconds", UniqueViolation),
        ("account_digest", "NULL", "0 seconds", CheckViolation),
        ("account_digest", "proof_id", "121 seconds", CheckViolation),
        ("repeat('0', 64)", "proof_id", "0 seconds", CheckViolation),
    ],
)
async def test_the_database_takes_no_allocation_without_its_own_fresh_proof(
    town: Town, digest: str, card: str, later: str, refusal: type[Exception]
) -> None:
    await town.allocated()
    with pytest.raises(refusal):
        await town.pool.execute(_FORGED.format(digest=digest, proof=card, later=later))


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE orders SET state = 'granted', granted_on = '2023-10-02'",
        # Nobody was asked about the account.
        "UPDATE orders SET state = 'sent'",
        "UPDATE orders SET amount = amount + 1",
        "UPDATE orders SET provider_id = gen_random_uuid()",
        "UPDATE orders SET state = 'cancelled'",
        "UPDATE order_answers SET verdict = 'apply'",
    ],
)
async def test_the_database_moves_no_order_where_the_table_or_the_ledger_say_otherwise(
    town: Town, act: str
) -> None:
    order = await town.allocated()
    await town.says(granted(order), new_id())
    with pytest.raises(CheckViolation):
        await town.pool.execute(act)
