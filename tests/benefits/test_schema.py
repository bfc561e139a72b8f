"""Benefits is what its OpenAPI document says, whatever it is asked."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.principal import Role
from contracts.values import OrganisationKind
from tests.benefits.asking import House
from tests.rig.questions import ask_whatever

_RESIDENTS = "/benefits/own-"


async def test_the_description_is_valid(house: House) -> None:
    async with house.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("who", ["resident", "municipality"])
async def test_whatever_is_asked_is_answered_as_described(
    house: House, who: str, tmp_path: Path
) -> None:
    asker = (
        house.resident()
        if who == "resident"
        else house.member(OrganisationKind.MUNICIPALITY, Role.ADMIN)
    )
    description = str(house.client.make_url("/openapi.json"))
    only, but = (_RESIDENTS, "") if who == "resident" else ("", _RESIDENTS)
    await ask_whatever(description, asker.token, tmp_path, only=only, but=but)
