"""The receipt of a desk session: what this person did in this session, and nothing of anybody else or another day."""

from uuid import UUID

from chassis.database import transaction
from chassis.ids import new_id
from contracts.principal import Principal
from services.benefits.commands import allocations
from services.benefits.commands.allocations import Choice
from services.benefits.model.allocation import Here
from tests.benefits.asking import Asker, House
from tests.benefits.orders.granting import SERVICE, Town, proof


def _at_desk(house: House, resident_id: UUID, desk_id: UUID | None) -> Asker:
    principal = Principal(
        kind="resident", subject=str(resident_id), session_id=new_id(), desk_id=desk_id
    )
    return Asker(house.client, house.keys("identity").sign(principal, seconds=3600))


async def _allocated(town: Town, resident_id: UUID, desk_id: UUID, account: str) -> None:
    found = await town.entitled(resident_id)
    card = proof(found, account, town.clock.at, desk_id=desk_id)
    async with transaction(town.pool) as conn:
        here = Here(resident_id, desk_id)
        await allocations.allocate(
            conn, town.office, here, found.id, Choice(SERVICE.code, account, card)
        )


async def test_a_receipt_shows_what_was_allocated_in_this_session_alone(
    house: House, town: Town
) -> None:
    me, other, desk = new_id(), new_id(), new_id()
    await _allocated(town, me, desk, "hp-482199")
    await _allocated(town, other, new_id(), "hp-777")
    acts = (await _at_desk(house, me, desk).get("/own-desk-acts")).json
    (one,) = acts["allocations"]
    assert (one["account_end"], one["service_name"]) == ("2199", SERVICE.name)
    assert "hp-48" not in str(acts)
    for who, where in ((me, new_id()), (other, desk)):
        seen = (await _at_desk(house, who, where).get("/own-desk-acts")).json
        assert seen == {"applications": [], "allocations": []}
    assert (await _at_desk(house, me, None).get("/own-desk-acts")).code == "no-desk"


async def test_a_receipt_shows_what_was_applied_for(house: House) -> None:
    measure, desk = await house.measure(), new_id()
    resident = house.resident(desk)
    made = await resident.apply(measure.id, proof=resident.proof(measure.id, desk_id=desk))
    (one,) = (await resident.get("/own-desk-acts")).json["applications"]
    assert one["reference"] == made.json["application"]["reference"]
    assert (one["title"], one["amount_yen"]) == ("子育て応援ポイント", 3_000)
