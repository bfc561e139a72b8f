"""The registry is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.values import OrganisationKind
from tests.registry.asking import Asker, Desk
from tests.rig.questions import ask_whatever

#: Long polls take their time, and names of files make addresses longer than any server reads.
_NOT_ASKED = "/changes$|/documents$"
_OWN = "/registry/(registration/|registration$|organisation$|participation/|change-requests(/own)?$|own-)"


async def _as(full: Desk, who: str) -> Asker:
    if who == "secretariat":
        return full.secretariat()
    kind = OrganisationKind(who)
    code = "011002" if kind is OrganisationKind.MUNICIPALITY else "6901700000011"
    return await full.applicant(kind, code=code, name="問いかける団体")


async def test_the_description_is_valid(full: Desk) -> None:
    async with full.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("who", ["secretariat", "provider"])
async def test_whatever_is_asked_is_answered_as_described(
    full: Desk, who: str, tmp_path: Path
) -> None:
    asker = await _as(full, who)
    only = "" if who == "secretariat" else _OWN
    url = str(full.client.make_url("/openapi.json"))
    await ask_whatever(url, asker.token, tmp_path, only=only, but=_NOT_ASKED)
