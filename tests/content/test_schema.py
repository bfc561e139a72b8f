"""Content is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.values import OrganisationKind
from tests.content.asking import Desk
from tests.rig.questions import ask_whatever


async def test_the_description_is_valid(full: Desk) -> None:
    async with full.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("kind", [OrganisationKind.SECRETARIAT, OrganisationKind.PROVIDER])
async def test_whatever_is_asked_is_answered_as_described(
    desk: Desk, kind: OrganisationKind, tmp_path: Path
) -> None:
    asker = desk.member(kind)
    only = "" if kind is OrganisationKind.SECRETARIAT else "/own/"
    url = str(desk.client.make_url("/openapi.json"))
    await ask_whatever(url, asker.token, tmp_path, only=only)
