"""The letter box, and the secretariat's view of mails, over real HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import now
from chassis.database import Pool, transaction
from chassis.ids import new_id
from chassis.web import new_app
from contracts.identity import PasswordChanged
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.notifications.api import routes
from services.notifications.commands import mails
from services.notifications.model.delivery import Outcome
from services.notifications.outside import Told
from tests.conftest import Client, ClientFor
from tests.notifications.rooms import AOBA, HANAKO, TOKEN, Hear, Sealing, issued, submitted
from tests.rig.keyring import KeyRing

TARO = UUID("0198f0c2-5d11-7a70-8a51-0b6f5a6f1c13")
API = "/api/v1/notifications"

Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


def member(
    member_id: UUID = HANAKO,
    organisation_id: UUID = AOBA,
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY,
    *roles: Role,
) -> Principal:
    return Principal(
        kind="member",
        subject=str(member_id),
        organisation_id=organisation_id,
        organisation_kind=kind,
        roles=frozenset(roles or {Role.ADMIN}),
        session_id=new_id(),
    )


def secretary(*roles: Role) -> Principal:
    return member(new_id(), new_id(), OrganisationKind.SECRETARIAT, *roles)


@pytest.fixture
async def client(pool: Pool, keys: KeyRing, client_for: ClientFor) -> Client:
    return await client_for(new_app("notifications", routes, pool=pool, keys=keys("notifications")))


@pytest.fixture
def ask(client: Client, keys: KeyRing) -> Ask:
    """``await ask(principal, "GET", path)``: status and document."""

    async def send(who: Principal | None, method: str, path: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {keys('identity').sign(who)}"} if who else {}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        async with client.request(method, API + path, headers=headers) as response:
            document: dict[str, Any] = await response.json()
            return response.status, document

    return send


@pytest.fixture
async def aoba(pool: Pool, hear: Hear, sealed: Sealing) -> None:
    """Aoba city with an account, and a registration handed in."""
    async with transaction(pool) as conn:
        await hear(conn, issued(sealed("account_issued")), submitted())


@pytest.mark.usefixtures("aoba")
async def test_a_member_reads_what_was_written_to_the_organisation(ask: Ask) -> None:
    status, box = await ask(member(TARO), "GET", "/letters")
    assert status == 200
    assert [line["template"] for line in box["items"]] == ["registration_received"]
    assert box["unread"] == 1
    status, letter = await ask(member(TARO), "GET", f"/letters/{box['items'][0]['letter_id']}")
    assert status == 200 and "R5-M-0113" in letter["text"]


@pytest.mark.usefixtures("aoba")
async def test_the_box_has_the_letters_of_the_member_and_no_link(ask: Ask) -> None:
    _, box = await ask(member(), "GET", "/letters")
    assert [line["template"] for line in box["items"]] == [
        "registration_received",
        "account_issued",
    ]
    for line in box["items"]:
        _, letter = await ask(member(), "GET", f"/letters/{line['letter_id']}")
        assert TOKEN not in letter["text"]


@pytest.mark.usefixtures("aoba")
async def test_a_letter_to_one_member_is_not_for_the_others(
    ask: Ask, pool: Pool, hear: Hear, sealed: Sealing
) -> None:
    changed = PasswordChanged(
        account_id=AOBA, revision=3, member_id=HANAKO, letter=sealed("password_changed")
    )
    async with transaction(pool) as conn:
        await hear(conn, changed)
    _, box = await ask(member(), "GET", "/letters?limit=1")
    assert box["items"][0]["template"] == "password_changed"
    letter_id = box["items"][0]["letter_id"]
    for other in (member(TARO), member(HANAKO, new_id()), member(TARO, new_id()), secretary()):
        status, document = await ask(other, "GET", f"/letters/{letter_id}")
        allowed = other.subject == str(HANAKO)
        assert status == (200 if allowed else 404)
        assert allowed or document["code"] == "no-such-letter"


@pytest.mark.usefixtures("aoba")
@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_an_act_without_words_takes_an_empty_body_too(
    ask: Ask, client: Client, keys: KeyRing, body: bytes
) -> None:
    _, box = await ask(member(), "GET", "/letters")
    headers = {
        "Authorization": f"Bearer {keys('identity').sign(member())}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
    path = f"{API}/letters/{box['items'][0]['letter_id']}/read"
    async with client.post(path, data=body, headers=headers) as response:
        assert response.status == 200


@pytest.mark.usefixtures("aoba")
async def test_another_organisation_finds_nothing(ask: Ask) -> None:
    stranger = member(new_id(), new_id())
    _, box = await ask(stranger, "GET", "/letters")
    assert (box["items"], box["unread"]) == ([], 0)
    _, own = await ask(member(), "GET", "/letters")
    for line in own["items"]:
        assert (await ask(stranger, "GET", f"/letters/{line['letter_id']}"))[0] == 404
        assert (await ask(stranger, "POST", f"/letters/{line['letter_id']}/read"))[0] == 404


@pytest.mark.usefixtures("aoba")
async def test_a_letter_is_read_by_each_member_for_themselves(ask: Ask) -> None:
    _, box = await ask(member(), "GET", "/letters")
    path = f"/letters/{box['items'][0]['letter_id']}"
    status, first = await ask(member(), "POST", f"{path}/read")
    assert status == 200 and first["read_at"] is not None
    _, again = await ask(member(), "POST", f"{path}/read")
    assert again["read_at"] == first["read_at"]
    _, after = await ask(member(), "GET", "/letters?unread=true")
    assert after["unread"] == 1 and len(after["items"]) == 1
    _, others = await ask(member(TARO), "GET", "/letters")
    assert others["unread"] == 1


async def test_the_box_is_read_in_pages(ask: Ask, pool: Pool, hear: Hear) -> None:
    async with transaction(pool) as conn:
        await hear(conn, *(submitted(revision=n) for n in range(1, 6)))
    seen, cursor = [], ""
    while True:
        _, page = await ask(member(), "GET", f"/letters?limit=2{cursor}")
        seen += [line["letter_id"] for line in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "path", ["/letters?after=nonsense", "/letters?limit=0", "/letters?limit=101", "/letters?x=1"]
)
async def test_a_question_nobody_understands_is_refused(ask: Ask, path: str) -> None:
    status, document = await ask(member(), "GET", path)
    assert 400 <= status < 500 and document["code"]


async def test_nobody_reads_without_a_token_and_no_machine_reads_letters(ask: Ask) -> None:
    assert (await ask(None, "GET", "/letters"))[0] == 401
    machine = Principal(
        kind="client",
        subject=str(new_id()),
        organisation_id=AOBA,
        scopes=frozenset({"registry:read"}),
    )
    assert (await ask(machine, "GET", "/letters"))[0] == 403


# ------------------------------------------------------------------ secretariat


async def _delivery(ask: Ask, template: str = "registration_received") -> dict[str, Any]:
    _, page = await ask(secretary(), "GET", f"/deliveries?template={template}")
    found: dict[str, Any] = page["items"][0]
    return found


async def _end(pool: Pool, delivery_id: str, outcome: Outcome) -> None:
    """Have one mail end in this way, as the job would."""
    async with transaction(pool) as conn:
        taken = await mails.claim(conn, new_id(), limit=100, at=now())
        mail = next(m for m in taken if str(m.delivery_id) == delivery_id)
        await mails.hand_over(conn, mail, now())
        await mails.finish(conn, mail, Told(outcome, "what the server said"), now())


@pytest.mark.usefixtures("aoba")
async def test_mails_are_for_the_secretariat_to_see(ask: Ask) -> None:
    for path in ("/deliveries", "/reach", f"/deliveries/{new_id()}"):
        assert (await ask(member(), "GET", path))[0] == 403
    status, page = await ask(secretary(), "GET", "/deliveries")
    assert status == 200
    assert {line["address"] for line in page["items"]} == {"hanako@aoba.example"}
    assert {line["organisation_name"] for line in page["items"]} == {"青葉市"}


@pytest.mark.usefixtures("aoba")
async def test_a_mail_of_unknown_fate_waits_for_a_person(ask: Ask, pool: Pool) -> None:
    mail = await _delivery(ask)
    await _end(pool, mail["delivery_id"], Outcome.UNKNOWN)
    _, page = await ask(secretary(), "GET", "/deliveries?open=true")
    [case] = page["items"]
    assert (case["state"], case["can_be_sent_again"]) == ("unknown", True)
    status, again = await ask(secretary(), "POST", f"/deliveries/{case['delivery_id']}/resend")
    assert (status, again["state"]) == (200, "waiting")
    assert [t["outcome"] for t in again["tries"]] == ["unknown"]


@pytest.mark.usefixtures("aoba")
async def test_a_mail_that_arrived_after_all_can_be_noted(ask: Ask, pool: Pool) -> None:
    mail = await _delivery(ask)
    await _end(pool, mail["delivery_id"], Outcome.UNKNOWN)
    path = f"/deliveries/{mail['delivery_id']}"
    assert (await ask(secretary(Role.VIEWER), "POST", f"{path}/arrived"))[0] == 403
    status, noted = await ask(secretary(), "POST", f"{path}/arrived")
    assert (status, noted["state"]) == (200, "sent")
    assert (await ask(secretary(), "POST", f"{path}/arrived"))[0] == 409


@pytest.mark.usefixtures("aoba")
async def test_a_mail_that_is_well_or_unknown_to_us_is_not_sent_again(ask: Ask) -> None:
    mail = await _delivery(ask)
    assert (await ask(secretary(), "POST", f"/deliveries/{mail['delivery_id']}/resend"))[0] == 409
    assert (await ask(secretary(), "POST", f"/deliveries/{new_id()}/resend"))[0] == 404
    assert (await ask(member(), "POST", f"/deliveries/{mail['delivery_id']}/resend"))[0] == 403


@pytest.mark.usefixtures("aoba")
async def test_a_dead_link_is_not_sent_again(ask: Ask, pool: Pool) -> None:
    mail = await _delivery(ask, "account_issued")
    await _end(pool, mail["delivery_id"], Outcome.REFUSED)
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE letters SET link_until = $1 WHERE sealed IS NOT NULL",
            now() - timedelta(seconds=1),
        )
    path = f"/deliveries/{mail['delivery_id']}"
    _, seen = await ask(secretary(), "GET", path)
    assert seen["can_be_sent_again"] is False
    status, document = await ask(secretary(), "POST", f"{path}/resend")
    assert (status, document["code"]) == (410, "letter-over")


@pytest.mark.usefixtures("aoba")
async def test_reach_adds_up_whatever_becomes_of_the_mails(
    ask: Ask, pool: Pool, hear: Hear
) -> None:
    async with transaction(pool) as conn:
        await hear(conn, *(submitted(revision=n) for n in range(2, 6)))
    for outcome in (Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.NOT_SENT):
        async with transaction(pool) as conn:
            await conn.execute("UPDATE deliveries SET due_at = queued_at WHERE state = 'waiting'")
            [mail] = await mails.claim(conn, new_id(), limit=1, at=now())
            await mails.hand_over(conn, mail, now())
            await mails.finish(conn, mail, Told(outcome, ""), now())
        _, view = await ask(secretary(), "GET", "/reach")
        for kind in view["items"]:
            assert kind["intended"] == kind["delivered"] + kind["failed"] + kind["pending"]
    assert {k["template"]: k["intended"] for k in view["items"]} == {
        "account_issued": 1,
        "registration_received": 5,
    }
    assert sum(k["delivered"] for k in view["items"]) == 1
    assert sum(k["failed"] for k in view["items"]) == 1
    assert sum(k["unknown"] for k in view["items"]) == 1
