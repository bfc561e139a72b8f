"""Scheduling is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.values import OrganisationKind
from tests.rig.questions import ask_whatever
from tests.scheduling.asking import House

_OWN = "/scheduling/(sign-ups|sessions|materials|calendar)"


async def test_the_description_is_valid(house: House) -> None:
    async with house.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("who", [OrganisationKind.SECRETARIAT, OrganisationKind.MUNICIPALITY])
async def test_whatever_is_asked_is_answered_as_described(
    house: House, who: OrganisationKind, tmp_path: Path
) -> None:
    only = "" if who is OrganisationKind.SECRETARIAT else _OWN
    url = str(house.client.make_url("/openapi.json"))
    await ask_whatever(url, house.member(who).token, tmp_path, examples=5, only=only)
