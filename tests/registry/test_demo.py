"""The demo fills the register through the same commands as people do."""

from chassis.database import Pool, reading
from services.registry.demo import fill
from tests.registry.asking import Desk
from tests.registry.forms import GUIDELINES


async def test_the_demo_fills_every_prefecture_and_every_state_once(desk: Desk, pool: Pool) -> None:
    first = await fill(pool, GUIDELINES)
    again = await fill(pool, GUIDELINES)
    assert again.startswith("0 ")
    assert not first.startswith("0 ")
    async with reading(pool) as conn:
        states = {r["state"] for r in await conn.fetch("SELECT DISTINCT state FROM organisations")}
    assert states == {
        "submitted",
        "under_review",
        "returned",
        "rejected",
        "registered",
        "suspended",
        "withdrawn",
    }
    then = (await desk.anybody().get("/municipalities.json?as_of=2023-11-30")).json
    assert len({item["prefecture_code"] for item in then["items"]}) >= 45
    earlier = (await desk.anybody().get("/municipalities.json?as_of=2022-09-26")).json
    assert [item["name"] for item in earlier["items"]] == ["さぬき市"]
    services = (await desk.anybody().get("/payment-services?as_of=2023-11-30")).json
    assert services["total"] >= 15
