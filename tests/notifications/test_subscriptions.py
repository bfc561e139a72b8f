"""What follows from the facts notifications hears."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from chassis.clock import now
from chassis.database import Connection, Record
from chassis.ids import new_id
from chassis.outbox import gathered_facts
from chassis.refusal import Invalid
from contracts.identity import (
    AccountClosed,
    AccountImported,
    AccountLinkRenewed,
    ClientRevoked,
    MemberChanged,
    MemberRemoved,
    PasswordChanged,
    SessionEnded,
)
from contracts.notifications import LetterBounced
from contracts.principal import Role
from contracts.registry import (
    ChangeApproved,
    ChangeRejected,
    ChangeRequested,
    RegistrationReturned,
    ReviewStarted,
)
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from services.notifications.commands.letters import Desk
from services.notifications.subscriptions import subscriptions
from tests.notifications.rooms import (
    AOBA,
    HANAKO,
    LINK,
    TOKEN,
    Hear,
    Sealing,
    issued,
    joined,
    requested,
    submitted,
)

JIMU = UUID("0198f0c2-0000-7000-8000-000000000001")
TARO = UUID("0198f0c2-5d11-7a70-8a51-0b6f5a6f1c13")


async def mails(conn: Connection) -> list[Record]:
    return await conn.fetch(
        "SELECT l.template, l.subject, l.text, l.sealed, l.organisation_id, l.member_id,"
        " d.address, d.name, d.state, d.reason FROM letters l LEFT JOIN deliveries d"
        " USING (letter_id) ORDER BY l.number, d.number"
    )


async def test_somebody_who_asks_for_an_account_is_sent_the_link(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(conn, requested(sealed("account_link")))
    [mail] = await mails(conn)
    assert (mail["template"], mail["address"]) == ("account_link", "hanako@aoba.example")
    assert (mail["state"], mail["organisation_id"], mail["member_id"]) == ("waiting", None, None)


async def test_the_link_is_stored_nowhere_in_the_open(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(conn, requested(sealed("account_link")))
    for table in ("letters", "deliveries", "attempts", "contacts"):
        for row in await conn.fetch(f"SELECT t::text AS row FROM {table} t"):
            assert TOKEN not in row["row"] and LINK not in row["row"]
    [mail] = await mails(conn)
    assert "リンクはメールにだけ" in mail["text"] and mail["sealed"] is not None


async def test_a_fact_told_again_writes_no_second_letter(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    fact = requested(sealed("account_link"))
    await hear(conn, fact, fact)
    assert len(await mails(conn)) == 1


async def test_a_renewed_link_is_another_letter(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    first = requested(sealed("account_link"))
    again = AccountLinkRenewed(
        account_id=first.account_id, revision=2, letter=sealed("account_link")
    )
    await hear(conn, first, again)
    assert len(await mails(conn)) == 2


async def test_a_registration_is_told_to_those_who_can_act_on_it(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(
        conn,
        issued(sealed("account_issued")),
        joined(sealed("welcome", to="taro@aoba.example"), TARO, Role.EDITOR),
        joined(sealed("welcome", to="mie@aoba.example"), new_id(), Role.VIEWER, revision=4),
        submitted(),
    )
    told = [m["address"] for m in await mails(conn) if m["template"] == "registration_received"]
    assert sorted(told) == ["hanako@aoba.example", "taro@aoba.example"]


async def test_the_secretariat_hears_of_what_was_handed_in(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    letter = sealed("account_issued", to="desk@jimukyoku.example")
    office = issued(letter, JIMU, new_id(), OrganisationKind.SECRETARIAT, "マチポ事務局")
    await hear(conn, office, issued(sealed("account_issued")), submitted())
    [arrived] = [m for m in await mails(conn) if m["template"] == "registration_arrived"]
    assert (arrived["address"], arrived["organisation_id"]) == ("desk@jimukyoku.example", JIMU)
    assert "青葉市から登録申請が届きました" in arrived["text"]


async def test_a_returned_registration_says_what_to_mend_and_by_when(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    back = RegistrationReturned(
        organisation_id=AOBA,
        revision=2,
        reference="R5-M-0113",
        message="様式2の3ページ目",
        correct_by=now().date().replace(year=2026, month=12, day=12),
    )
    await hear(conn, issued(sealed("account_issued")), submitted(), back)
    mail = (await mails(conn))[-1]
    assert mail["subject"] == "【マチポ】登録申請の修正のお願い"
    assert "様式2の3ページ目" in mail["text"] and "12月12日（土）までに" in mail["text"]


async def test_the_beginning_of_a_review_lies_in_the_box_only(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    begun = ReviewStarted(organisation_id=AOBA, revision=2, reference="R5-M-0113")
    await hear(conn, issued(sealed("account_issued")), submitted(), begun)
    last = (await mails(conn))[-1]
    assert (last["template"], last["address"]) == ("registration_under_review", None)


async def test_what_was_written_before_anybody_was_known_is_mailed_to_the_first_member(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    begun = ReviewStarted(organisation_id=AOBA, revision=2, reference="R5-M-0113")
    await hear(conn, submitted(), begun)
    assert [m["address"] for m in await mails(conn)] == [None, None]
    await hear(
        conn,
        issued(sealed("account_issued")),
        joined(sealed("welcome", to="taro@aoba.example"), TARO, Role.ADMIN),
    )
    told = {(m["template"], m["address"]) for m in await mails(conn)}
    assert ("registration_received", "hanako@aoba.example") in told
    assert ("registration_received", "taro@aoba.example") not in told
    assert ("registration_under_review", None) in told


async def test_a_change_request_is_told_to_both_sides_and_its_end_to_the_organisation(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    letter = sealed("account_issued", to="desk@jimukyoku.example")
    office = issued(letter, JIMU, new_id(), OrganisationKind.SECRETARIAT, "マチポ事務局")
    request = {"organisation_id": AOBA, "change_request_id": new_id()}
    await hear(
        conn,
        office,
        issued(sealed("account_issued")),
        ChangeRequested(**request, revision=1),
        ChangeRejected(**request, revision=2, message="書類が足りません"),
        ChangeApproved(**request, revision=3),
    )
    told = [(m["template"], m["address"]) for m in (await mails(conn))[2:]]
    assert told == [
        ("change_received", "hanako@aoba.example"),
        ("change_arrived", "desk@jimukyoku.example"),
        ("change_rejected", "hanako@aoba.example"),
        ("change_approved", "hanako@aoba.example"),
    ]


async def test_a_removed_member_is_written_to_no_longer(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(
        conn,
        issued(sealed("account_issued")),
        joined(sealed("welcome", to="taro@aoba.example"), TARO, Role.ADMIN),
        MemberRemoved(account_id=AOBA, revision=4, member_id=HANAKO),
        submitted(),
    )
    told = [m["address"] for m in await mails(conn) if m["template"] == "registration_received"]
    assert told == ["taro@aoba.example"]


async def test_a_member_who_may_no_longer_act_is_written_to_no_longer(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    only_looks = frozenset({Role.VIEWER})
    await hear(
        conn,
        issued(sealed("account_issued")),
        joined(sealed("welcome", to="taro@aoba.example"), TARO, Role.ADMIN),
        MemberChanged(account_id=AOBA, revision=4, member_id=HANAKO, roles=only_looks),
        submitted(),
    )
    told = [m["address"] for m in await mails(conn) if m["template"] == "registration_received"]
    assert told == ["taro@aoba.example"]


async def test_a_provisional_account_is_written_to_until_its_first_member_is_known(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    imported = AccountImported(
        account_id=AOBA,
        revision=1,
        organisation_kind=OrganisationKind.MUNICIPALITY,
        organisation_code="041017",
        organisation_name="青葉市",
        letter=sealed("account_activation", to="soumu@aoba.example"),
    )
    await hear(conn, imported, submitted())
    await hear(conn, joined(sealed("welcome"), HANAKO, Role.ADMIN), submitted(revision=2))
    told = [m["address"] for m in await mails(conn) if m["template"] == "registration_received"]
    assert told == ["soumu@aoba.example", "hanako@aoba.example"]


async def test_a_closed_account_is_told_and_then_left_alone(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    closed = AccountClosed(account_id=AOBA, revision=3, reason="統合のため")
    await hear(conn, issued(sealed("account_issued")), closed, submitted())
    templates = {(m["template"], m["address"]) for m in await mails(conn)}
    assert ("account_closed", "hanako@aoba.example") in templates
    assert ("registration_received", None) in templates


async def test_a_letter_about_a_password_is_for_its_member_alone(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    changed = PasswordChanged(
        account_id=AOBA, revision=3, member_id=HANAKO, letter=sealed("password_changed")
    )
    await hear(conn, issued(sealed("account_issued")), changed)
    assert (await mails(conn))[-1]["member_id"] == HANAKO


@pytest.mark.parametrize("lacking", ["organisation_name", "link", "expires_at"])
async def test_a_letter_without_a_value_is_refused_at_the_door(
    conn: Connection, hear: Hear, sealed: Sealing, lacking: str
) -> None:
    with pytest.raises(Invalid, match=f"letter-value-missing.*{lacking}"):
        await hear(conn, requested(sealed("account_link", **{lacking: ""})))
    assert await mails(conn) == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"link": "javascript:alert(1)"}, "letter-link-shape"),
        ({"link": "http://portal.example/a b"}, "letter-link-shape"),
        ({"expires_at": "tomorrow"}, "letter-instant-shape"),
        ({"expires_at": "2026-11-25T09:31:00"}, "letter-instant-shape"),
    ],
)
async def test_a_value_of_another_shape_is_refused_at_the_door(
    conn: Connection, hear: Hear, sealed: Sealing, values: dict[str, str], code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        await hear(conn, requested(sealed("account_link", **values)))


async def test_a_template_nobody_wrote_and_a_seal_of_others_are_refused(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    with pytest.raises(Invalid, match="letter-template-unknown"):
        await hear(conn, requested(sealed("lottery")))
    with pytest.raises(Invalid, match="letter-sealed-for-others"):
        await hear(conn, requested("eyJhbGciOiJub25lIn0...."))


async def test_an_address_nobody_can_write_to_has_bounced_at_once(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    fact = requested(sealed("account_link", to='"x y"@aoba.example'))
    await hear(conn, fact)
    [mail] = await mails(conn)
    assert (mail["state"], mail["reason"]) == ("failed", "address")
    [said] = gathered_facts(conn)
    assert isinstance(said, LetterBounced)
    assert (said.about, said.about_revision, said.reason) == (fact.subject, 1, "address")


async def test_a_letter_heard_of_long_after_its_time_is_not_sent(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    fact = requested(sealed("account_link"))
    await hear(conn, fact.model_copy(update={"occurred_at": now() - timedelta(hours=25)}))
    [mail] = await mails(conn)
    assert (mail["state"], mail["reason"]) == ("failed", "late")


async def test_an_advertisement_for_a_name_is_not_mailed_to_a_stranger(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    letter = sealed("account_link", name="www.win.example", organisation_name="http://win.example")
    await hear(conn, requested(letter))
    [mail] = await mails(conn)
    assert "win.example" not in mail["text"] + mail["name"]
    assert "貴団体" in mail["text"]


async def test_tokens_of_what_has_ended_are_refused(conn: Connection, hear: Hear) -> None:
    session, client = new_id(), new_id()
    await hear(
        conn,
        SessionEnded(session_id=session, revision=1, reason="sign-out"),
        ClientRevoked(client_id=client, revision=2),
    )
    refused = {row["id"] for row in await conn.fetch("SELECT id FROM refused")}
    assert refused >= {session, client}


EXAMPLES = sorted((ROOT / "contracts/examples").glob("*.json"))
HEARD = subscriptions(Desk("", str)).handlers


@pytest.mark.parametrize(
    "example", [f for f in EXAMPLES if f.name.removesuffix(".json") in HEARD], ids=lambda f: f.name
)
async def test_every_released_fact_is_understood(
    conn: Connection, sealed: Sealing, hear: Hear, example: Path
) -> None:
    fact = subscriptions(Desk("", str)).known[example.name.removesuffix(".json")]
    body = json.loads(example.read_text())
    if "letter" in body:
        body["letter"] = sealed("account_activation")
    await hear(conn, fact.model_validate(body))
