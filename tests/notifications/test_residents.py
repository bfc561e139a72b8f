"""Letters about applications and points: into the resident's box, by mail only where an address was proved."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.clock import JAPAN, now
from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Gone, NotFound, TooMany
from contracts import benefits, identity, registry
from contracts.event import Fact
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from services.notifications.commands import residents as commands
from services.notifications.commands.letters import Desk
from services.notifications.model.residents import PROVE_WITHIN, Topic
from services.notifications.model.timing import QuietHours
from services.notifications.store import contacts, residents
from tests.notifications.rooms import Hear

EXAMPLES = ROOT / "contracts/examples"
MEASURE = UUID("01900000-0000-7000-8000-000000000501")
CITY = UUID("01900000-0000-7000-8000-000000000101")
HANAKO = UUID("01900000-0000-7000-8000-000000000801")
ADDRESS = "hanako@home.example"


def example(fact: type[Fact], **more: object) -> Fact:
    """The released example of a fact, said to HANAKO."""
    written = fact.model_validate_json((EXAMPLES / f"{fact.type}.json").read_bytes())
    return written.model_copy(update={"resident_id": HANAKO, "measure_id": MEASURE} | more)


async def proved(conn: Connection, desk: Desk, address: str = ADDRESS) -> UUID:
    """HANAKO gives an address and opens the link that was mailed there; the id of the question."""
    await commands.ask_for_address(conn, desk, HANAKO, address, now())
    ask_id: UUID = await conn.fetchval("SELECT asking FROM residents")
    await commands.confirm_address(conn, HANAKO, ask_id, now())
    return ask_id


async def letters(conn: Connection) -> list[tuple[str, UUID]]:
    rows = await conn.fetch("SELECT template, member_id FROM letters ORDER BY number")
    return [tuple(row) for row in rows if row["template"] != commands.PROVE]


async def mailed(conn: Connection) -> list[tuple[str, str]]:
    rows = await conn.fetch(
        "SELECT l.template, d.address FROM deliveries d JOIN letters l USING (letter_id)"
        " ORDER BY d.number"
    )
    return [tuple(row) for row in rows if row["template"] != commands.PROVE]


CASES = [
    (benefits.ApplicationSubmitted, "application_received"),
    (benefits.ApplicationMovedUp, "application_moved_up"),
    (benefits.ApplicationReturned, "application_returned"),
    (benefits.ApplicationRejected, "application_rejected"),
    (benefits.ApplicationRevoked, "application_revoked"),
    (benefits.EntitlementIssued, "points_issued"),
    (benefits.EntitlementNear, "points_near"),
    (benefits.EntitlementConsumed, "points_granted"),
    (benefits.EntitlementExpired, "points_expired"),
    (benefits.AllocationFailed, "allocation_failed"),
    (benefits.ServiceLinkStopped, "link_stopped"),
    (benefits.ServiceLinkResumed, "link_resumed"),
]


@pytest.mark.parametrize(("fact", "template"), CASES)
async def test_a_resident_finds_a_letter_in_the_box_and_nothing_is_mailed_without_an_address(
    conn: Connection, hear: Hear, fact: type[Fact], template: str
) -> None:
    told = example(fact, saved_service_id=None, state="in_review")
    await hear(conn, told, told)
    assert await letters(conn) == [(template, HANAKO)]
    assert await mailed(conn) == []


@pytest.mark.parametrize(("fact", "template"), CASES)
async def test_it_is_mailed_to_the_proved_address(
    conn: Connection, hear: Hear, desk: Desk, fact: type[Fact], template: str
) -> None:
    await proved(conn, desk)
    told = example(fact, saved_service_id=None, state="in_review", occurred_at=now())
    await hear(conn, told, told)
    assert await mailed(conn) == [(template, ADDRESS)]


async def test_nothing_is_mailed_to_an_address_nobody_has_proved(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    await commands.ask_for_address(conn, desk, HANAKO, ADDRESS, now())
    await hear(conn, example(benefits.EntitlementIssued, saved_service_id=None))
    assert await mailed(conn) == []


@pytest.mark.parametrize("unwanted", list(Topic))
async def test_what_a_resident_does_not_want_by_mail_lies_in_the_box_only(
    conn: Connection, hear: Hear, desk: Desk, unwanted: Topic
) -> None:
    await proved(conn, desk)
    found = await residents.resident(conn, HANAKO)
    assert found is not None
    await commands.choose(
        conn, HANAKO, found["revision"], language="ja", by_mail=set(Topic) - {unwanted}
    )
    about = {
        Topic.APPLICATIONS: example(benefits.ApplicationRejected, occurred_at=now()),
        Topic.POINTS: example(benefits.EntitlementConsumed, occurred_at=now()),
        Topic.REMINDERS: example(benefits.EntitlementNear, occurred_at=now()),
    }
    await hear(conn, *about.values())
    assert len(await letters(conn)) == 3
    assert len(await mailed(conn)) == 2


@pytest.mark.parametrize(
    ("state", "template", "mails"),
    [
        ("in_review", "application_received", 1),
        ("waiting", "application_waiting", 1),
        # The result follows in the same second.
        ("decided", "application_received", 0),
    ],
)
async def test_what_was_received_is_mailed_unless_the_result_follows_at_once(
    conn: Connection, hear: Hear, desk: Desk, state: str, template: str, mails: int
) -> None:
    await proved(conn, desk)
    await hear(conn, example(benefits.ApplicationSubmitted, state=state, occurred_at=now()))
    assert await letters(conn) == [(template, HANAKO)]
    assert len(await mailed(conn)) == mails


async def test_no_mail_goes_out_in_the_hours_in_which_a_resident_wants_none(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    await proved(conn, desk)
    found = await residents.resident(conn, HANAKO)
    assert found is not None
    # Around the clock but for a minute that is over, whatever time it is.
    at = now().astimezone(JAPAN)
    quiet = QuietHours((at - timedelta(minutes=2)).time(), (at - timedelta(minutes=3)).time())
    await commands.choose(
        conn, HANAKO, found["revision"], language="ja", by_mail=set(Topic), quiet=quiet
    )
    await hear(conn, example(benefits.EntitlementIssued, saved_service_id=None, occurred_at=now()))
    await commands.ask_for_address(conn, desk, HANAKO, "new@home.example", now())
    rows = await conn.fetch("SELECT address, due_at, send_by FROM deliveries ORDER BY number")
    due = {row["address"]: row for row in rows}
    held = due[ADDRESS]
    assert held["due_at"].astimezone(JAPAN).time() == quiet.end
    assert now() < held["due_at"] < held["send_by"]
    # A link somebody waits for does not.
    assert due["new@home.example"]["due_at"] <= now()


async def test_a_letter_uses_the_registers_words_and_the_residents_language(
    conn: Connection, hear: Hear
) -> None:
    await contacts.save_organisation(conn, CITY, OrganisationKind.MUNICIPALITY, "小松市")
    published = example(registry.MeasurePublished, municipality_id=CITY, title="子育て応援")
    service = example(registry.PaymentServiceRegistered)
    assert isinstance(service, registry.PaymentServiceFact)
    await hear(conn, published, service)
    await commands.choose(conn, HANAKO, 0, language="en", by_mail=set(Topic))
    code = service.entry.code
    told = {"municipality_id": CITY, "payment_service_code": code, "granted_yen": 2_500}
    await hear(conn, example(benefits.EntitlementConsumed, **told))
    row = await conn.fetchrow(
        "SELECT language, subject, text FROM letters WHERE template = 'points_granted'"
    )
    assert row is not None
    assert (row["language"], row["subject"]) == ("en", "[Machipo] Your points have arrived")
    for words in ("小松市", "子育て応援", "2,500 yen", service.entry.name):
        assert words in row["text"]


async def test_a_letter_says_the_last_day_and_not_the_instant_after_it(
    conn: Connection, hear: Hear
) -> None:
    end = datetime(2026, 12, 12, 15, 0, tzinfo=UTC)
    await hear(conn, example(benefits.ApplicationReturned, answer_by=end))
    await hear(conn, example(benefits.AllocationFailed, allocate_by=end))
    for row in await conn.fetch("SELECT text FROM letters"):
        assert "12月12日（土）までに" in row["text"]


async def test_who_is_reported_dead_by_mistake_is_told_without_that_word(
    conn: Connection, hear: Hear
) -> None:
    await hear(conn, example(benefits.ServiceLinkStopped, reason="deceased", held=0))
    [text] = [row["text"] for row in await conn.fetch("SELECT text FROM letters")]
    assert "確かめる必要がある" in text and "えらんだ決済サービス" in text
    # Nothing waits, so nothing is said of points that wait.
    assert "0件" not in text


async def test_who_chose_a_service_before_is_told_that_nothing_is_to_be_done(
    conn: Connection, hear: Hear
) -> None:
    await hear(conn, example(benefits.EntitlementIssued, saved_service_id=new_id()))
    assert await letters(conn) == [("points_on_their_way", HANAKO)]


async def test_a_resident_who_is_closed_gets_no_mail_any_more(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    await proved(conn, desk)
    await hear(conn, example(identity.ResidentClosed))
    await hear(conn, example(benefits.EntitlementConsumed, occurred_at=now()))
    assert await mailed(conn) == []


async def test_a_link_proves_an_address_for_its_own_resident_only_and_for_a_day(
    conn: Connection, desk: Desk
) -> None:
    at = now()
    await commands.ask_for_address(conn, desk, HANAKO, ADDRESS, at)
    ask_id: UUID = await conn.fetchval("SELECT asking FROM residents")
    with pytest.raises(NotFound):
        await commands.confirm_address(conn, new_id(), ask_id, at)
    with pytest.raises(Gone):
        await commands.confirm_address(conn, HANAKO, ask_id, at + PROVE_WITHIN)
    await commands.confirm_address(conn, HANAKO, ask_id, at)
    # A second press, and one that comes late, change nothing.
    await commands.confirm_address(conn, HANAKO, ask_id, at + PROVE_WITHIN)
    found = await residents.resident(conn, HANAKO)
    assert found is not None and found["address"] == ADDRESS


async def test_a_newer_question_makes_the_link_before_void(conn: Connection, desk: Desk) -> None:
    at = now()
    await commands.ask_for_address(conn, desk, HANAKO, ADDRESS, at)
    first: UUID = await conn.fetchval("SELECT asking FROM residents")
    await commands.ask_for_address(conn, desk, HANAKO, "new@home.example", at)
    with pytest.raises(Gone):
        await commands.confirm_address(conn, HANAKO, first, at)


async def test_an_address_is_not_buried_in_mail_by_one_or_by_many(
    conn: Connection, desk: Desk
) -> None:
    for _ in range(3):
        await commands.ask_for_address(conn, desk, HANAKO, ADDRESS, now())
    with pytest.raises(TooMany):
        await commands.ask_for_address(conn, desk, HANAKO, "other@home.example", now())
    with pytest.raises(TooMany):
        await commands.ask_for_address(conn, desk, new_id(), ADDRESS.upper(), now())
