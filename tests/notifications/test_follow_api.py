"""Choosing what one hears of, over real HTTP: members in the portal, readers from outside by the links in mails."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.database import Pool, reading, transaction
from chassis.ids import new_id
from chassis.web import new_app
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.notifications.api import DESK, LETTERS_A_DAY, routes
from services.notifications.commands.letters import CONFIRM, STOP, Desk
from services.notifications.model.tokens import token_of
from tests.conftest import Client, ClientFor
from tests.notifications.readers import WINDOW, announced, crowd, spread
from tests.notifications.rooms import AOBA, HANAKO, Hear, Sealing, issued
from tests.rig.keyring import KeyRing

API = "/api/v1/notifications"
Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]
ADDRESS = "hana@reader.example"
WISH = {"matching": "all", "facets": ["kind:maintenance"], "frequency": "daily"}


def member(kind: OrganisationKind = OrganisationKind.MUNICIPALITY) -> Principal:
    return Principal(
        kind="member",
        subject=str(HANAKO),
        organisation_id=AOBA,
        organisation_kind=kind,
        roles=frozenset({Role.ADMIN}),
        session_id=new_id(),
    )


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
        who: Principal | None, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        if who:
            headers["Authorization"] = f"Bearer {keys('identity').sign(who)}"
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        async with client.request(method, API + path, headers=headers, json=body) as response:
            document: dict[str, Any] = await response.json() if response.status != 204 else {}
            return response.status, document

    return send


@pytest.fixture
async def hanako(pool: Pool, hear: Hear, sealed: Sealing) -> None:
    """A member of Aoba city."""
    async with transaction(pool) as conn:
        await hear(conn, issued(sealed("account_issued")))


async def confirm_token(pool: Pool, desk: Desk) -> str:
    async with reading(pool) as conn:
        one: UUID = await conn.fetchval("SELECT subscription_id FROM subscriptions")
    return token_of(desk.tag, CONFIRM, one)


async def test_a_reader_asks_confirms_changes_and_stops(pool: Pool, desk: Desk, ask: Ask) -> None:
    assert (await ask(None, "POST", "/follow", {**WISH, "address": ADDRESS}))[0] == 202
    confirm = await confirm_token(pool, desk)
    status, found = await ask(None, "GET", f"/follow/confirm/{confirm}")
    assert (status, found["subscription"]["state"]) == (200, "asked")
    status, begun = await ask(None, "POST", f"/follow/confirm/{confirm}", {})
    mine = begun["token"]
    status, wishes = await ask(None, "GET", f"/follow/{mine}")
    assert (status, wishes["address"]) == (200, "h…@reader.example")
    one = wishes["subscriptions"][0]["subscription_id"]
    path = f"/follow/{mine}/subscriptions/{one}/pace"
    status, wishes = await ask(None, "POST", path, {"frequency": "weekly"})
    assert wishes["subscriptions"][0]["frequency"] == "weekly"
    for _ in range(2):
        assert (await ask(None, "POST", f"/follow/{mine}/stop", {}))[0] == 200
    assert (await ask(None, "GET", f"/follow/{mine}"))[0] == 410


async def test_a_scanner_that_opens_every_link_changes_nothing(
    pool: Pool, desk: Desk, ask: Ask
) -> None:
    await ask(None, "POST", "/follow", {**WISH, "address": ADDRESS})
    confirm = await confirm_token(pool, desk)
    async with reading(pool) as conn:
        reader = await conn.fetchval("SELECT subscriber_id FROM subscribers")
    for path in (f"/follow/confirm/{confirm}", f"/follow/{token_of(desk.tag, STOP, reader)}"):
        for _ in range(3):
            assert (await ask(None, "GET", path))[0] == 200
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT state FROM subscriptions") == "asked"


async def test_nobody_learns_which_addresses_are_known(pool: Pool, desk: Desk, ask: Ask) -> None:
    first = await ask(None, "POST", "/follow", {**WISH, "address": ADDRESS})
    await ask(None, "POST", f"/follow/confirm/{await confirm_token(pool, desk)}", {})
    assert await ask(None, "POST", "/follow", {**WISH, "address": ADDRESS}) == first
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM letters") == 1


@pytest.mark.parametrize(
    "address",
    ["hana", "a@b", "hana@reader.example\nBcc: all@reader.example", "hana@reader.example\r\n", "@"],
)
async def test_an_address_that_cannot_be_one_is_refused(pool: Pool, ask: Ask, address: str) -> None:
    status, problem = await ask(None, "POST", "/follow", {**WISH, "address": address})
    assert status == 422 and problem["code"] in ("address-unusable", "fields-invalid", "invalid"), (
        problem
    )
    async with reading(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM subscribers") == 0


async def test_a_title_with_a_line_break_writes_no_header(ask: Ask) -> None:
    office = member(OrganisationKind.SECRETARIAT)
    typed = {"title": "説明会\r\nBcc: a@x.example", "words": "本文", "organisations": [str(AOBA)]}
    status, told = await ask(office, "POST", "/mailings", typed)
    assert (status, told["title"]) == (202, "説明会 Bcc: a@x.example")
    status, refused = await ask(office, "POST", "/mailings", {**typed, "title": "\r\n"})
    assert (status, refused["errors"][0]["field"]) == (422, "title")


@pytest.mark.parametrize("token", ["x" * 44, "short", "-" * 44])
async def test_a_link_of_somebody_else_opens_nothing(ask: Ask, token: str) -> None:
    assert (await ask(None, "GET", f"/follow/{token}"))[0] == 404
    assert (await ask(None, "POST", f"/follow/{token}/stop", {}))[0] == 404


@pytest.mark.usefixtures("hanako")
async def test_a_member_chooses_what_when_and_how(ask: Ask) -> None:
    status, found = await ask(member(), "GET", "/subscriptions")
    assert [s["facets"] for s in found["subscriptions"]] == [
        ["kind:document", "kind:maintenance", "kind:notice"]
    ]
    wish = {"facets": ["prefecture:17", "kind:measure"], "matching": "all", "frequency": "daily"}
    status, found = await ask(member(), "POST", "/subscriptions", wish)
    assert status == 200 and len(found["subscriptions"]) == 2
    ways = {"language": "en", "by_mail": False, "quiet_from": "21:00", "quiet_until": "07:00"}
    first = {"If-Match": f'"{found["revision"]}"'}
    status, found = await ask(member(), "PUT", "/subscriptions/ways", ways, **first)
    assert (status, found["quiet_from"], found["by_mail"]) == (200, "21:00", False)
    assert (await ask(member(), "PUT", "/subscriptions/ways", ways, **first))[0] == 412
    far = {"If-Match": '"3000000000"'}
    assert (await ask(member(), "PUT", "/subscriptions/ways", ways, **far))[0] == 412
    further = {"If-Match": f'"{10**30}"'}
    assert (await ask(member(), "PUT", "/subscriptions/ways", ways, **further))[0] == 400
    one = found["subscriptions"][1]["subscription_id"]
    status, found = await ask(member(), "POST", f"/subscriptions/{one}/stop", {})
    assert len(found["subscriptions"]) == 1


@pytest.mark.usefixtures("hanako")
@pytest.mark.parametrize(
    ("begin", "end"), [("21:00", None), (None, "07:00"), ("21:00", "21:00"), ("25:00", "07:00")]
)
async def test_quiet_hours_have_a_beginning_and_another_end(
    ask: Ask, begin: str | None, end: str | None
) -> None:
    ways = {"language": "ja", "by_mail": True, "quiet_from": begin, "quiet_until": end}
    status, _ = await ask(member(), "PUT", "/subscriptions/ways", ways, **{"If-Match": '"1"'})
    assert status == 422


@pytest.mark.usefixtures("hanako")
async def test_nobody_stops_what_another_wants(pool: Pool, ask: Ask) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, 1, ["reader.example"])
        other = await conn.fetchval(
            "SELECT subscription_id FROM subscriptions WHERE subscriber_id <> $1", HANAKO
        )
    assert (await ask(member(), "POST", f"/subscriptions/{other}/stop", {}))[0] == 404


async def test_the_reach_is_for_everybody_and_the_list_for_the_secretariat(
    pool: Pool, hear: Hear, ask: Ask
) -> None:
    async with transaction(pool) as conn:
        await crowd(conn, 40, ["reader.example"])
        await hear(conn, announced())
        await spread(conn)
    about = f"?about=maintenance/{WINDOW}"
    status, found = await ask(None, "GET", f"/announcements/reach{about}")
    assert (status, found["intended"], found["pending"], found["complete"]) == (200, 40, 40, True)
    assert (await ask(member(), "GET", "/announcements"))[0] == 403
    secretary = member(OrganisationKind.SECRETARIAT)
    status, found = await ask(secretary, "GET", f"/announcements{about}")
    [line] = found["items"]
    assert line["reach"]["intended"] == 40 and line["missing"] == []
    status, found = await ask(secretary, "GET", "/templates")
    assert all(item["missing"] == [] for item in found["items"]) and found["items"]
    status, found = await ask(secretary, "GET", "/mail-ways")
    assert found["now"]["secondary_percent"] == 0
