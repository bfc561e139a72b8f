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
from tests.notifications.test_residents import HANAKO, example
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
