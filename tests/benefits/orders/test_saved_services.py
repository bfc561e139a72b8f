"""Accounts kept for later: shown to the card once, chosen while applying, and then paid to by themselves."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import CheckViolation, transaction
from chassis.ids import new_id
from chassis.refusal import Conflict, Forbidden, Invalid, NotFound
from contracts.proof import PROOF, Proof, Purpose, keep_target
from services.benefits.commands import allocations, keeping
from services.benefits.commands.allocations import Choice
from services.benefits.commands.keeping import MOST, Keeping
from services.benefits.jobs.settling import Settler
from services.benefits.model.allocation import Here, account_digest
from services.benefits.model.entitlement import Entitlement, State
from services.benefits.model.order import Order
from services.benefits.model.saga import OrderState
from services.benefits.store import partners
from tests.benefits.asking import House, Resident
from tests.benefits.orders.granting import SERVICE, Town, granted, proof


def card(resident_id: UUID, account: str, at: datetime, /, **more: object) -> Proof:
    """The card was read to keep this account."""
    given = {
        "proof_id": new_id(),
        "resident_id": resident_id,
        "purpose": Purpose.LINK,
        "target": keep_target(SERVICE.code, account_digest(account)),
        "assertion_hash": "0" * 64,
        "asserted_at": at,
    }
    return Proof.model_validate(given | more)


async def kept(town: Town, resident_id: UUID, account: str = "hp-1") -> UUID:
    async with transaction(town.pool) as conn:
        wish = Keeping(SERVICE.code, account, card(resident_id, account, town.clock.at))
        return await keeping.keep(conn, town.office.seal, Here(resident_id), wish, town.clock.at)


async def forgotten(town: Town, saved_id: UUID, resident_id: UUID) -> None:
    async with transaction(town.pool) as conn:
        await partners.forget_service(conn, saved_id, resident_id, town.clock.at)


async def order_of(town: Town, found: Entitlement) -> Order | None:
    order_id = await town.pool.fetchval("SELECT id FROM orders WHERE entitlement_id = $1", found.id)
    return await town.order(order_id) if order_id else None


async def allocated(town: Town, found: Entitlement, given: str | UUID, seen: Proof) -> Order:
    async with transaction(town.pool) as conn:
        choice = Choice(SERVICE.code, given, seen)
        return await allocations.allocate(
            conn, town.office, Here(found.resident_id), found.id, choice
        )


async def test_what_was_chosen_while_applying_is_paid_to_by_itself(
    town: Town, settler: Settler
) -> None:
    resident_id = new_id()
    found = await town.entitled(resident_id, await kept(town, resident_id))
    assert found.state is State.ISSUED
    assert await settler.chosen()
    order = await order_of(town, found)
    assert order is not None
    chosen_by = await town.pool.fetchval(
        "SELECT chosen_by FROM allocations WHERE id = $1", order.allocation_id
    )
    assert chosen_by == "system"
    # Nothing is done twice, however often the job looks.
    assert not await settler.chosen()
    town.clock.pass_by(minutes=1)
    await town.clerk().turn()
    await town.says(granted(order), order.id)
    assert (await town.order(order.id)).state is OrderState.GRANTED
    assert (await town.entitlement(found.id)).state is State.CONSUMED
    assert await town.broken() == {}


async def test_two_copies_of_the_job_pay_once(town: Town) -> None:
    people = [new_id() for _ in range(4)]
    for n, one in enumerate(people):
        await town.entitled(one, await kept(town, one, f"hp-{n}"))
    copies = [Settler(town.pool, town.keys, clock=town.clock) for _ in range(3)]
    await asyncio.gather(*(copy.chosen() for copy in copies))
    assert await town.pool.fetchval("SELECT count(*) FROM orders") == len(people)
    assert await town.broken() == {}


async def test_one_that_is_kept_no_longer_is_not_paid_to(town: Town, settler: Settler) -> None:
    resident_id = new_id()
    saved_id = await kept(town, resident_id)
    found = await town.entitled(resident_id, saved_id)
    await forgotten(town, saved_id, resident_id)
    assert not await settler.chosen()
    assert (await town.entitlement(found.id)).state is State.ISSUED


async def test_what_cannot_be_paid_to_waits_for_the_resident_and_holds_up_nobody(
    town: Town, settler: Settler
) -> None:
    late, other, quick = new_id(), new_id(), new_id()
    waiting = await town.entitled(late, await kept(town, late, "hp-1"))
    # Meanwhile the same number was tied to somebody else, with the card.
    taken = await town.entitled(other)
    await allocated(town, taken, "hp-1", proof(taken, "hp-1", town.clock.at))
    paid = await town.entitled(quick, await kept(town, quick, "hp-2"))
    assert await settler.chosen()
    assert await order_of(town, waiting) is None
    assert await order_of(town, paid) is not None
    assert not await settler.chosen()
    # The resident chooses another one, and that is that.
    await allocated(town, waiting, "hp-3", proof(waiting, "hp-3", town.clock.at))
    town.clock.pass_by(hours=1)
    assert not await settler.chosen()
    assert await town.broken() == {}


async def test_points_are_allocated_to_a_kept_one_by_a_card_that_names_it(town: Town) -> None:
    resident_id = new_id()
    saved_id = await kept(town, resident_id, "hp-1")
    found = await town.entitled(resident_id)
    with pytest.raises(Forbidden, match="proof-refused"):
        await allocated(town, found, saved_id, proof(found, "hp-2", town.clock.at))
    order = await allocated(town, found, saved_id, proof(found, "hp-1", town.clock.at))
    end = await town.pool.fetchval(
        "SELECT account_end FROM allocations WHERE id = $1", order.allocation_id
    )
    assert end == "hp-1"


async def test_a_strangers_kept_one_is_not_there(town: Town, settler: Settler) -> None:
    strangers = await kept(town, new_id())
    with pytest.raises(Invalid, match="application-invalid"):
        await town.entitled(new_id(), strangers)
    found = await town.entitled()
    with pytest.raises(NotFound, match="service-unknown"):
        await allocated(town, found, strangers, proof(found, "hp-1", town.clock.at))


async def test_a_number_that_is_somebody_elses_cannot_be_kept(town: Town) -> None:
    await town.allocated(account="hp-1")
    with pytest.raises(Conflict, match="account-taken"):
        await kept(town, new_id(), "hp-1")


async def test_nobody_keeps_more_than_can_be_overlooked(town: Town) -> None:
    resident_id = new_id()
    for n in range(MOST):
        await kept(town, resident_id, f"hp-{n}")
    with pytest.raises(Conflict, match="services-full"):
        await kept(town, resident_id, "hp-more")


async def test_the_database_keeps_nothing_without_its_proof_and_changes_nothing(
    town: Town,
) -> None:
    resident_id = new_id()
    saved_id = await kept(town, resident_id)
    copy = """
        INSERT INTO saved_services (id, resident_id, payment_service_id, account_sealed, account_digest, account_end,
                                    proof_id, saved_at)
        SELECT gen_random_uuid(), resident_id, payment_service_id, account_sealed, $2, account_end, proof_id, saved_at
          FROM saved_services WHERE id = $1
    """
    with pytest.raises(CheckViolation, match="not proven"):
        await town.pool.execute(copy, saved_id, account_digest("hp-2"))
    for change in ("account_digest = 'x'", "resident_id = gen_random_uuid()"):
        with pytest.raises(CheckViolation, match="does not change"):
            await town.pool.execute(
                f"UPDATE saved_services SET {change}, removed_at = now() WHERE id = $1", saved_id
            )


async def _keep(
    resident: Resident, account: str, seen: Proof | None = None, **more: str
) -> tuple[int, str]:
    """What a resident is answered who wants to keep an account."""
    shown = seen or card(resident.resident_id, account, now())
    token = resident.keys("identity").attest(shown.model_dump_json().encode(), PROOF)
    body = {"payment_service_code": SERVICE.code, "account_id": account, "proof": token} | more
    answer = await resident.post("/own-services", body)
    return answer.status, "" if answer.status == 201 else answer.code


async def test_a_service_is_kept_over_http_and_kept_no_longer(house: House, town: Town) -> None:
    resident = house.resident()
    seen = card(resident.resident_id, "hp-482199", now())
    assert await _keep(resident, "hp-482199", seen) == (201, "")
    (found,) = (await resident.get("/own-services")).json["items"]
    assert (found["account_end"], found["code"], found["offered"]) == ("2199", SERVICE.code, True)
    assert found["account_digest"] == account_digest("hp-482199")
    assert (await house.resident().get("/own-services")).json["items"] == []
    # The same reading of the card keeps nothing more, and nothing is kept twice.
    assert await _keep(resident, "hp-482199", seen) == (409, "proof-used")
    assert await _keep(resident, "hp-482199") == (409, "service-kept-already")
    path = f"/own-services/{found['id']}"
    assert (await house.resident().ask("DELETE", path)).status == 404
    assert (await resident.ask("DELETE", path)).status in (200, 204)
    assert (await resident.ask("DELETE", path)).status == 404
    assert await _keep(resident, "hp-482199") == (201, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": keep_target(SERVICE.code, account_digest("hp-2"))},
        {"target": keep_target("another", account_digest("hp-1"))},
        {"purpose": Purpose.APPLY},
        {"resident_id": new_id()},
        {"desk_id": new_id()},
        {"asserted_at": datetime.fromisoformat("2023-10-02T00:00:00Z")},
    ],
)
async def test_a_card_that_was_read_for_something_else_keeps_nothing(
    house: House, town: Town, wrong: dict[str, object]
) -> None:
    resident = house.resident()
    seen = card(resident.resident_id, "hp-1", now(), **wrong)
    status, code = await _keep(resident, "hp-1", seen)
    assert status == 403 and code in ("proof-refused", "proof-unfit")
    assert await town.pool.fetchval("SELECT count(*) FROM saved_services") == 0


@pytest.mark.parametrize(
    ("account", "more", "code"),
    [
        ("会員 1", {}, "account-unreadable"),
        ("hp-1", {"payment_service_code": "nobody-pay"}, "service-not-offered"),
        ("123456789018", {}, "individual-number"),
    ],
)
async def test_an_odd_account_is_refused(
    house: House, town: Town, account: str, more: dict[str, str], code: str
) -> None:
    status, said = await _keep(house.resident(), account, None, **more)
    assert status == 422 and code.replace("-", "_") in said.replace("-", "_")
