"""Identity is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

from pathlib import Path

from tests.identity.house import House, Person
from tests.rig.questions import ask_whatever


async def test_whatever_is_asked_is_answered_as_described(
    house: House, desk: Person, tmp_path: Path
) -> None:
    await ask_whatever(
        str(house.client.make_url("/openapi.json")), desk.token, tmp_path, examples=10
    )
