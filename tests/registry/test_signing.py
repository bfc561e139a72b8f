"""Contracts go to the signing service and come back: every state, over HTTP, against the simulator."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now, today
from chassis.database import reading, transaction
from chassis.ids import new_id
from services.registry.commands import maintenance
from services.registry.demo.people import instant
from services.registry.jobs import MatchKeeper
from services.registry.store import signing as store
from tests.registry.asking import Desk
from tests.registry.forms import provider_form
from tests.registry.matching import SIGNERS, Pair, Signing, pair, signing_service


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


@pytest.fixture
async def signing(desk: Desk) -> AsyncIterator[Signing]:
    """The simulator, running."""
    async with signing_service(desk) as found:
        yield found


async def _said(desk: Desk, kind: str = "registry.contract") -> list[str]:
    async with reading(desk.pool) as conn:
        rows = await conn.fetch("SELECT type FROM events WHERE kind = $1 ORDER BY seq", kind)
    return [str(row["type"]).split(".")[2] for row in rows]


async def _cover(desk: Desk) -> list[tuple[Any, ...]]:
    async with reading(desk.pool) as conn:
        rows = await conn.fetch(
            "SELECT fiscal_year, grant_type, valid_from, valid_until FROM contract_cover"
        )
    return [tuple(row) for row in rows]


async def test_a_contract_goes_out_is_signed_by_both_and_carries_the_match(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work()
    seen = await two.contract(contract_id)
    assert (seen["state"], [s["state"] for s in seen["signers"]]) == ("out", ["asked", "waiting"])
    assert seen["link_until"] is not None
    assert (await two.match_of(contract_id))["state"] == "contract_out"
    assert await _cover(two.desk) == []
    for _ in SIGNERS:
        await signing.sign("agree")
        await signing.look(contract_id)
    seen = await two.contract(contract_id)
    assert (seen["state"], [s["state"] for s in seen["signers"]]) == ("concluded", ["agreed"] * 2)
    assert (await two.match_of(contract_id))["state"] == "active"
    assert signing.sendings == [1]
    assert await _said(two.desk) == ["ready", "sent", "concluded"]
    assert await _said(two.desk, "registry.match") == ["proposed", "accepted", "activated"]
    first, last = date(two.year, 4, 1), date(two.year + 1, 3, 31)
    assert await _cover(two.desk) == [(two.year, "fixed", first, last)]
    listed = (await two.desk.anybody().get("/matches")).json["items"]
    assert [(i["municipality_name"], i["provider_name"]) for i in listed] == [
        ("小松市", "なぎさ電子決済株式会社")
    ]
    certificate = await two.provider.get(f"/contracts/{contract_id}/certificate")
    assert certificate.content.startswith(b"%PDF-")


async def test_the_list_knows_days_and_when_it_learnt_of_them(two: Pair, signing: Signing) -> None:
    before = now()
    await two.concluded(signing)
    reader = two.desk.anybody()
    # The year of the match began before its sides stood in the register.
    assert (await reader.get(f"/matches?as_of={today()}")).json["total"] == 1
    assert (await reader.get(f"/matches?as_of={two.year}-03-31")).json["total"] == 0
    known = before.isoformat().replace("+00:00", "Z")
    assert (await reader.get(f"/matches?as_of={today()}&known_at={known}")).json["total"] == 0
    assert (await reader.get("/matches?prefecture=17&q=なぎさ")).json["total"] == 1
    assert (await reader.get("/matches?prefecture=01")).json["total"] == 0
    comma = (await reader.get("/matches.csv")).content.decode("utf-8-sig").splitlines()
    assert comma[1].split(",")[2:6] == [
        "小松市",
        "4011001098993",
        "なぎさ電子決済株式会社",
        "なぎさマネー",
    ]


async def test_a_match_stands_in_its_list_under_the_new_name_of_a_side(
    two: Pair, signing: Signing
) -> None:
    await two.concluded(signing)
    form = provider_form()
    form["organisation"] |= {
        "name": "なぎさペイ株式会社",
        "name_kana": "ナギサペイカブシキガイシャ",
    }
    form["services"][0] |= {"name": "なぎさマネープラス", "name_kana": "ナギサマネープラス"}
    body = {"form": form, "wanted_on": today().isoformat(), "reason": "商号の変更"}
    asked = await two.provider.post("/change-requests", body)
    assert asked.status == 201, asked.content
    reviewer = two.desk.secretariat()
    done = await reviewer.post(f"/change-requests/{asked.json['id']}/approve")
    assert done.status == 200, done.content
    [item] = (await two.desk.anybody().get("/matches")).json["items"]
    assert item["provider_name"] == "なぎさペイ株式会社"
    assert "なぎさマネープラス" in [s["name"] for s in item["services"]]
    async with reading(two.desk.pool) as conn:
        said = await conn.fetchval(
            "SELECT body FROM events WHERE type = 'registry.match.changed.v1'"
        )
    assert json.loads(said)["changed"] == ["provider_name", "services"]


async def test_a_contract_ends_with_its_last_day_and_the_match_with_it(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.concluded(signing)
    body = {"ends_on": str(today() + timedelta(days=3)), "reason": "事業を見直すため"}
    answer = await two.tell(contract_id, "notice", body, by=two.provider)
    assert answer.status == 200, answer.content
    for ahead, state in ((3, "active"), (4, "ended"), (5, "ended")):
        keeper = MatchKeeper(two.desk.pool, clock=lambda d=ahead: now() + timedelta(days=d))  # type: ignore[misc]
        await keeper.turn()
        assert (await two.match_of(contract_id))["state"] == state
    assert (await _said(two.desk))[-1] == "ended"
    assert (await _said(two.desk, "registry.match"))[-1] == "ended"
    assert await _cover(two.desk) == []
    reader, last = two.desk.anybody(), today() + timedelta(days=3)
    assert (await reader.get(f"/matches?as_of={last}")).json["total"] == 1
    assert (await reader.get(f"/matches?as_of={last + timedelta(days=1)}")).json["total"] == 0
    assert (await two.proposed()).status == 201


async def test_a_match_begins_on_the_first_day_of_its_contract(two: Pair, signing: Signing) -> None:
    # The next fiscal year is yet to come on every day there is.
    two.year += 1
    first = date(two.year, 4, 1)
    answer = await two.provider.put(f"/participation/{two.year}", {"participating": True})
    assert answer.status == 200, answer.content
    contract_id = await two.concluded(signing)
    for day, state in ((first - timedelta(days=1), "contracted"), (first, "active")):
        await MatchKeeper(two.desk.pool, clock=lambda d=day: instant(d, 12)).turn()  # type: ignore[misc]
        assert (await two.match_of(contract_id))["state"] == state
    listed = "/matches?as_of={}"
    anybody = two.desk.anybody()
    assert (await anybody.get(listed.format(first))).json["total"] == 1
    assert (await anybody.get(listed.format(first - timedelta(days=1)))).json["total"] == 0


async def test_a_signer_who_rejects_sends_it_back_and_another_may_be_written(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work()
    await signing.sign("reject")
    await signing.look(contract_id)
    assert (await two.contract(contract_id))["state"] == "rejected"
    match = await two.match_of(contract_id)
    assert (match["state"], match["acts"]) == ("contract_preparing", ["draft_contract", "withdraw"])
    assert (await two.drafted(match["id"])).status == 201
    assert await _said(two.desk) == ["ready", "sent", "rejected"]


async def test_the_sender_takes_it_back_before_and_after_it_went_out(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    answer = await two.tell(contract_id, "cancel", {"reason": "日付を直します。"})
    assert answer.json["state"] == "cancelled"
    await signing.work()
    assert signing.sendings == []
    second = await two.drafted((await two.match_of(contract_id))["id"])
    await two.tell(second.json["id"], "send")
    await signing.work()
    answer = await two.tell(second.json["id"], "cancel", {"reason": "日付を直します。"})
    assert (answer.status, answer.json["wanted"]) == (202, "cancel")
    await signing.work(2)
    assert (await two.contract(second.json["id"]))["state"] == "cancelled"
    assert [d.status for d in signing.shelf.documents] == [3]


async def test_the_seventh_day_reminds_once_and_the_tenth_kills_the_link(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work()
    [document] = signing.shelf.documents
    first = document.link
    await signing.wait(days=7)
    await signing.work(4)
    assert [m.kind for m in document.mails] == ["send", "remind"]
    assert signing.shelf.by_link(first or "") is None
    assert (await two.contract(contract_id))["reminded_count"] == 1
    await signing.wait(days=8)
    await signing.work(4)
    assert [m.kind for m in document.mails] == ["send", "remind"]
    await signing.wait(days=3)
    await signing.work(4)
    assert (await two.contract(contract_id))["link_expired_at"] is not None
    answer = await two.tell(contract_id, "remind")
    assert answer.status == 202, answer.content
    await signing.work(4)
    assert (await two.contract(contract_id))["link_expired_at"] is None
    assert await _said(two.desk) == ["ready", "sent", "reminded", "link_expired", "reminded"]
    assert signing.sendings == [1]


async def test_a_mail_that_comes_back_is_said_and_mended_by_a_reminder(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work()
    await signing.sign("bounce")
    await signing.look(contract_id)
    assert (await two.contract(contract_id))["state"] == "bounced"
    await two.tell(contract_id, "remind")
    await signing.work(3)
    assert (await two.contract(contract_id))["state"] == "out"
    assert await _said(two.desk) == ["ready", "sent", "bounced", "reminded"]


async def test_a_refusal_before_sending_is_told(two: Pair, signing: Signing) -> None:
    await signing.tell(
        faults=[{"method": "POST", "ending": "/files", "how": "garbage", "times": 1}]
    )
    longest = {**SIGNERS[1], "organisation": "な" * 64}
    contract_id = await two.ready(signers=[SIGNERS[0], longest])
    signing.shelf.longest = 63
    await signing.work()
    assert (await two.contract(contract_id))["state"] == "send_failed"
    signing.shelf.longest = 64
    assert (await two.tell(contract_id, "send")).status == 202
    await signing.work()
    assert (await two.contract(contract_id))["state"] == "out"
    assert len(signing.shelf.documents) == 1
    assert signing.sendings == [1]
    assert await _said(two.desk) == ["ready", "send_failed", "ready", "sent"]


async def test_a_forgotten_token_is_renewed(two: Pair, signing: Signing) -> None:
    service = signing.service()
    contract_id = await two.ready()
    await signing.work(1, service)
    await signing.tell(forget_tokens=True)
    await two.tell(contract_id, "remind")
    await signing.work(3, service)
    assert [m.kind for d in signing.shelf.documents for m in d.mails] == ["send", "remind"]


async def test_sending_waits_while_the_service_says_it_is_closed(
    two: Pair, signing: Signing
) -> None:
    await signing.tell(closed=True, retry_after=3600)
    contract_id = await two.ready()
    await signing.work(3)
    seen = await two.contract(contract_id)
    assert (seen["state"], seen["delayed_until"] is not None) == ("ready", True)
    assert await _said(two.desk) == ["ready", "delayed"]
    await signing.tell(closed=False)
    await signing.wait(minutes=61)
    await signing.work(4)
    seen = await two.contract(contract_id)
    assert (seen["state"], seen["delayed_until"]) == ("out", None)
    assert signing.sendings == [1]


async def test_sending_waits_during_a_window_and_goes_on_when_it_is_over(
    two: Pair, signing: Signing
) -> None:
    window, begins, ends = new_id(), now() - timedelta(hours=1), now() + timedelta(hours=8)

    async def heard(*, over: bool = False, system: str = "cloudsign") -> None:
        async with transaction(two.desk.pool) as conn:
            await maintenance.heard(
                conn,
                window,
                system=system,
                starts_at=begins,
                ends_at=ends,
                over=over,
                now=signing.clock(),
            )

    await heard()
    contract_id = await two.ready()
    await signing.work(3)
    seen = await two.contract(contract_id)
    assert seen["state"] == "ready"
    assert seen["delayed_until"] == ends.isoformat().replace("+00:00", "Z")
    assert signing.shelf.documents == []
    await heard(over=True)
    await signing.work(3)
    assert (await two.contract(contract_id))["state"] == "out"
    assert await _said(two.desk) == ["ready", "delayed", "sent"]


@pytest.mark.parametrize("status", [1, 2, 3, 99])
async def test_a_webhook_is_never_believed(two: Pair, signing: Signing, status: int) -> None:
    contract_id = await two.ready()
    await signing.work()
    [document] = signing.shelf.documents
    lie = {
        "documentID": document.id,
        "status": status,
        "userID": "x",
        "email": "liar@example.com",
        "text": "COMPLETED",
    }
    anybody = two.desk.anybody()
    anybody.headers = {"User-Agent": "CloudSignWebHook"}
    assert (await anybody.post("/contract-notices", lie)).json == {"heard": True}
    await signing.work(3)
    assert (await two.contract(contract_id))["state"] == "out"
    assert (await anybody.post("/contract-notices", lie | {"documentID": "unknown"})).status == 200
    assert (await anybody.post("/contract-notices", {"documentID": 7})).status == 422


async def test_a_webhook_brings_the_next_look_forward(two: Pair, signing: Signing) -> None:
    contract_id = await two.ready()
    await signing.work()
    async with transaction(two.desk.pool) as conn:
        assert await store.look_again(
            conn, signing.shelf.documents[0].id, now() - timedelta(days=1)
        )
    async with reading(two.desk.pool) as conn:
        at = await conn.fetchval("SELECT look_at FROM contracts WHERE id = $1", UUID(contract_id))
    assert at < now()


NONSENSE = [
    "<html>down</html>",
    "{}",
    '{"id": "x", "status": 2}',
    '{"id": "ID", "title": "REF", "status": 7, "files": [], "participants": []}',
    '{"id": "ID", "title": "REF", "status": 2, "files": [], "participants": []}',
    '{"id": "ID", "title": "REF", "status": 0, "files": [], "participants": []}',
    '{"id": "ID", "title": "another", "status": 3, "files": [], "participants": []}',
    '{"id": "ID", "title": "REF", "status": "2", "participants": [{"email": "a@b.example", "status": 44}]}',
    "[" * 1000,
    "\x00",
]


async def test_an_answer_that_makes_no_sense_is_kept_and_changes_nothing(
    two: Pair, signing: Signing
) -> None:
    contract_id = await two.ready()
    await signing.work()
    [document] = signing.shelf.documents
    reference = (await two.contract(contract_id))["reference"]
    for text in NONSENSE:
        answer = text.replace("ID", document.id).replace("REF", reference)
        fault = {"method": "GET", "ending": document.id, "how": "garbage", "answer": answer}
        await signing.tell(faults=[fault])
        await signing.look(contract_id)
    assert (await two.contract(contract_id))["state"] == "out"
    async with reading(two.desk.pool) as conn:
        odd = await store.oddities_of(conn, UUID(contract_id))
    assert len(odd) == len(NONSENSE)
    for _ in SIGNERS:
        await signing.sign("agree")
    await signing.wait(minutes=200)
    await signing.look(contract_id)
    assert (await two.contract(contract_id))["state"] == "concluded"
