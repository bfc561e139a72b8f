"""A resident says over HTTP how to be told, and reads the box; nobody else does, and nobody at a desk."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from chassis.web import new_app
from contracts.benefits import EntitlementIssued
from contracts.principal import Principal
from services.notifications.api import DESK, LETTERS_A_DAY, routes
from services.notifications.commands.letters import Desk
from services.notifications.jobs import Courier
from tests.conftest import Client, ClientFor
from tests.notifications.rooms import Catcher, Hear
from tests.notifications.test_residents import HANAKO, example, proved
from tests.notifications.test_sending import running
from tests.rig.keyring import KeyRing
from tests.rig.waiting import eventually

API = "/api/v1/notifications"
_LINK = re.compile(r"http://portal.example/my/settings/address/([A-Za-z0-9_-]{44})")
Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


def resident(one: UUID = HANAKO, desk_id: UUID | None = None) -> Principal:
    return Principal(kind="resident", subject=str(one), session_id=new_id(), desk_id=desk_id)


@pytest.fixture
async def client(pool: Pool, keys: KeyRing, desk: Desk, client_for: ClientFor) -> Client:
    app = new_app("notifications", routes, pool=pool, keys=keys("notifications"))
    app[DESK] = desk
    app[LETTERS_A_DAY] = 100
    return await client_for(app)


@pytest.fixture
def ask(client: Client, keys: KeyRing) -> Ask:
    """``await ask(principal, "GET", path, body)``: status and document."""

    async def send(
        who: Principal, method: str, path: str, body: Any = None, etag: str = ""
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {keys('identity').sign(who)}"}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        if etag:
            headers["If-Match"] = etag
        async with client.request(method, API + path, headers=headers, json=body) as response:
            document: dict[str, Any] = await response.json() if response.status != 204 else {}
            return response.status, {**document, "etag": response.headers.get("ETag", "")}

    return send


async def test_who_has_said_nothing_is_written_to_in_japanese_and_by_no_mail(ask: Ask) -> None:
    status, found = await ask(resident(), "GET", "/own-settings")
    assert (status, found["language"], found["address"]) == (200, "ja", None)
    assert sorted(found["by_mail"]) == ["applications", "points", "reminders"]


async def test_settings_are_saved_once_for_each_version_somebody_has_seen(ask: Ask) -> None:
    body = {"language": "easy", "by_mail": ["points"]}
    assert (await ask(resident(), "PUT", "/own-settings", body))[0] == 428
    status, found = await ask(resident(), "PUT", "/own-settings", body, etag='"0"')
    assert (status, found["language"], found["by_mail"]) == (200, "easy", ["points"])
    again = await ask(resident(), "PUT", "/own-settings", body, etag=found["etag"])
    assert again[0] == 200
    assert (await ask(resident(), "PUT", "/own-settings", body, etag=found["etag"]))[0] == 412


@pytest.mark.parametrize(
    "body",
    [
        {"language": "fr", "by_mail": []},
        {"language": "ja", "by_mail": ["news"]},
        {"language": "ja", "by_mail": [], "more": 1},
        {"by_mail": []},
    ],
)
async def test_odd_settings_are_refused(ask: Ask, body: dict[str, Any]) -> None:
    assert (await ask(resident(), "PUT", "/own-settings", body, etag='"0"'))[0] == 422


@pytest.mark.parametrize(
    "address", ["hanako", "a@b", "a b@home.example", "a@home.example\nBcc: x@y.z"]
)
async def test_an_address_no_mail_can_reach_is_refused_by_its_field(ask: Ask, address: str) -> None:
    status, problem = await ask(resident(), "POST", "/own-settings/address", {"address": address})
    assert status == 422
    assert problem["errors"][0]["field"] == "address"


async def test_an_address_is_proved_by_the_link_in_the_mail(
    ask: Ask, courier: Courier, catcher: Catcher
) -> None:
    address = f"{uuid4().hex}@home.example"
    status, _ = await ask(resident(), "POST", "/own-settings/address", {"address": address})
    assert status == 202
    async with running(courier):

        async def arrived() -> bool:
            return bool(catcher.mails(address))

        await eventually(arrived)
    token = _LINK.findall(catcher.mails(address)[0]["text"])[0]
    _, waiting = await ask(resident(), "GET", "/own-settings")
    assert (waiting["address"], waiting["asked_address"]) == (None, address)
    path = f"/own-settings/address/{token}"
    # Looking, as a mail program does, proves nothing; and nobody else can press the button.
    assert (await ask(resident(), "GET", path))[1]["proved"] is False
    assert (await ask(resident(new_id()), "POST", path, {}))[0] == 404
    status, found = await ask(resident(), "POST", path, {})
    assert (status, found["address"], found["asked_address"]) == (200, address, None)
    status, found = await ask(resident(), "DELETE", "/own-settings/address")
    assert (status, found["address"]) == (200, None)


@pytest.mark.parametrize("hours", [("22:00", None), (None, "07:00"), ("07:00", "07:00")])
async def test_hours_without_mail_have_two_different_ends(
    ask: Ask, hours: tuple[str | None, str | None]
) -> None:
    body: dict[str, Any] = {
        "language": "ja",
        "by_mail": [],
        "quiet_from": hours[0],
        "quiet_until": hours[1],
    }
    status, problem = await ask(resident(), "PUT", "/own-settings", body, etag='"0"')
    assert (status, problem["errors"][0]["field"]) == (422, "quiet_until")


async def test_hours_without_mail_are_kept_and_given_up(ask: Ask) -> None:
    body = {"language": "ja", "by_mail": [], "quiet_from": "22:00", "quiet_until": "07:00"}
    _, kept = await ask(resident(), "PUT", "/own-settings", body, etag='"0"')
    assert (kept["quiet_from"], kept["quiet_until"]) == ("22:00", "07:00")
    body = {"language": "ja", "by_mail": []}
    _, kept = await ask(resident(), "PUT", "/own-settings", body, etag=kept["etag"])
    assert (kept["quiet_from"], kept["quiet_until"]) == (None, None)


async def test_mail_that_came_back_is_told_until_one_arrives_or_the_address_is_another(
    pool: Pool, hear: Hear, ask: Ask, desk: Desk
) -> None:
    told: list[str] = []

    async def mailed(**ended: Any) -> None:
        """Another letter is mailed, and ends so."""
        async with transaction(pool) as conn:
            fact = example(EntitlementIssued, saved_service_id=None, occurred_at=now())
            about = {"entitlement_id": new_id(), "revision": 1}
            await hear(conn, fact.model_copy(update=about))
            delivery_id = await conn.fetchval(
                "SELECT delivery_id FROM deliveries ORDER BY number DESC LIMIT 1"
            )
            told.append(str(delivery_id))
            await conn.execute(
                "UPDATE deliveries SET state = $2, reason = $3, due_at = NULL, finished_at = clock_timestamp()"
                " WHERE delivery_id = $1",
                delivery_id,
                ended["state"],
                ended.get("reason"),
            )

    async def bounced() -> bool:
        return (await ask(resident(), "GET", "/own-settings"))[1]["bounced_at"] is not None

    async with transaction(pool) as conn:
        await proved(conn, desk)
    assert not await bounced()
    for reason, seen in (("returned", True), ("refused", True), ("late", False)):
        await mailed(state="failed", reason=reason)
        assert await bounced() is seen
    await mailed(state="failed", reason="returned")
    assert await bounced()
    await mailed(state="sent")
    assert not await bounced()
    await mailed(state="failed", reason="address")
    assert await bounced()
    assert len(set(told)) == 6
    async with transaction(pool) as conn:
        await proved(conn, desk, "other@home.example")
    assert not await bounced()


async def test_the_mail_that_asks_for_an_address_may_come_back_too(pool: Pool, ask: Ask) -> None:
    await ask(resident(), "POST", "/own-settings/address", {"address": "hanako@home.example"})
    assert (await ask(resident(), "GET", "/own-settings"))[1]["asked_bounced"] is False
    await pool.execute(
        "UPDATE deliveries SET state = 'failed', reason = 'refused', due_at = NULL, finished_at = now()"
    )
    assert (await ask(resident(), "GET", "/own-settings"))[1]["asked_bounced"] is True


async def test_a_resident_reads_the_own_box_and_no_other(pool: Pool, hear: Hear, ask: Ask) -> None:
    async with transaction(pool) as conn:
        await hear(conn, example(EntitlementIssued, saved_service_id=None, occurred_at=now()))
    status, box = await ask(resident(), "GET", "/letters")
    assert (status, box["unread"], len(box["items"])) == (200, 1, 1)
    path = f"/letters/{box['items'][0]['letter_id']}"
    assert "受け取り先を決めてください" in (await ask(resident(), "GET", path))[1]["text"]
    await ask(resident(), "POST", f"{path}/read", {})
    assert (await ask(resident(), "GET", "/letters"))[1]["unread"] == 0
    other = resident(new_id())
    assert (await ask(other, "GET", "/letters"))[1]["items"] == []
    assert (await ask(other, "GET", path))[0] == 404


@pytest.mark.parametrize("path", ["/letters", "/own-settings"])
async def test_nothing_of_it_is_shown_at_a_desk(ask: Ask, path: str) -> None:
    status, problem = await ask(resident(desk_id=new_id()), "GET", path)
    assert (status, problem["code"]) == (403, "home-only")
