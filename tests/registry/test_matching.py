"""A municipality and a provider find each other, over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import now, today
from chassis.database import reading
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.registry.jobs import MatchKeeper
from tests.registry.asking import Desk
from tests.registry.matching import CONDITIONS, Pair, pair


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


async def _facts(desk: Desk, kind: str = "registry.match") -> list[str]:
    async with reading(desk.pool) as conn:
        rows = await conn.fetch("SELECT type FROM events WHERE kind = $1 ORDER BY seq", kind)
    return [str(row["type"]).split(".")[2] for row in rows]


@pytest.mark.parametrize("first", ["municipality", "provider"])
async def test_either_side_proposes_and_the_other_answers(two: Pair, first: str) -> None:
    one, other = two.municipality, two.provider
    if first == "provider":
        one, other = other, one
    made = await two.proposed(one)
    match_id = made.json["id"]
    assert (made.json["state"], made.json["acts"]) == ("proposed", ["withdraw"])
    assert (await two.act(one, match_id, "accept")).status == 403
    seen = (await other.get(f"/own-matches/{match_id}")).json
    assert seen["acts"] == ["accept", "decline"]
    assert seen["history"][0]["message"] == "ご一緒できればうれしいです。"
    accepted = await two.act(other, match_id, "accept", "よろしくお願いします。")
    assert accepted.json["state"] == "accepted"
    assert [h["act"] for h in accepted.json["history"]] == ["proposed", "accepted"]
    assert await _facts(two.desk) == ["proposed", "accepted"]


async def test_a_second_match_of_a_pair_in_a_year_is_refused_while_the_first_lives(
    two: Pair,
) -> None:
    match_id = (await two.proposed()).json["id"]
    again = await two.provider.post("/own-matches", two.proposal(two.provider))
    assert (again.status, again.code) == (409, "match-exists")
    assert (await two.act(two.provider, match_id, "decline", "今年度は難しいです。")).status == 200
    assert (await two.proposed(two.provider)).status == 201
    assert await _facts(two.desk) == ["proposed", "declined", "proposed"]


async def test_what_is_agreed_may_be_withdrawn_by_either_side(two: Pair) -> None:
    match_id = await two.accepted()
    assert (await two.drafted(match_id)).status == 201
    answer = await two.act(two.provider, match_id, "withdraw", "都合がつかなくなりました。")
    assert answer.json["state"] == "withdrawn"
    assert [c["state"] for c in answer.json["contracts"]] == ["cancelled"]


async def test_a_proposal_nobody_answers_expires_on_its_day_and_only_then(two: Pair) -> None:
    match_id = (await two.proposed()).json["id"]
    last = date.fromisoformat(
        (await two.municipality.get(f"/own-matches/{match_id}")).json["answer_by"]
    )
    days = (last - today()).days
    for ahead, state in ((days, "proposed"), (days + 1, "expired"), (days + 2, "expired")):
        await MatchKeeper(two.desk.pool, clock=lambda d=ahead: now() + timedelta(days=d)).turn()  # type: ignore[misc]
        seen = (await two.provider.get(f"/own-matches/{match_id}")).json
        assert seen["state"] == state
    assert await _facts(two.desk) == ["proposed", "expired"]
    assert (await two.act(two.provider, match_id, "accept")).status == 409


def refused(year: int) -> list[tuple[dict[str, Any], str]]:
    """What cannot be proposed today, in this fiscal year, and how it is refused."""
    return [
        ({"fiscal_year": year - 1}, "fiscal-year-refused"),
        ({"fiscal_year": year + 1}, "provider-not-participating"),
        ({"partner_id": str(uuid4())}, "partner-unknown"),
        ({"answer_by": str(today())}, "day-refused"),
        ({"answer_by": str(today() + timedelta(days=91))}, "day-refused"),
        ({"services": []}, "fields-invalid"),
        (
            {"services": [{"payment_service_id": str(uuid4()), "grant_types": ["fixed"]}]},
            "services-refused",
        ),
        ({"conditions": CONDITIONS | {"fee_per_grant": 10}}, "fields-invalid"),
        ({"conditions": CONDITIONS | {"fee_basis_points": None}}, "fields-invalid"),
        ({"conditions": CONDITIONS | {"fee_basis_points": -1}}, "fields-invalid"),
        ({"conditions": CONDITIONS | {"cutoff_days": 1.5}}, "fields-invalid"),
        ({"conditions": CONDITIONS | {"minimum_volume": 10**12}}, "fields-invalid"),
        ({"conditions": CONDITIONS | {"data_fields": ["my_number"]}}, "fields-invalid"),
        ({"message": "あ" * 2001}, "fields-invalid"),
    ]


async def test_a_proposal_that_cannot_be_is_refused_by_its_field(two: Pair) -> None:
    for changes, code in refused(two.year):
        answer = await two.municipality.post(
            "/own-matches", two.proposal(two.municipality, **changes)
        )
        assert (answer.status, answer.code) == (422, code), (changes, answer.content)
        assert answer.json["errors"], changes
    assert await _facts(two.desk) == []


async def test_a_grant_type_the_service_does_not_have_is_refused(two: Pair) -> None:
    wanted = [{"payment_service_id": two.services[0], "grant_types": ["purchase_rate"]}]
    answer = await two.municipality.post(
        "/own-matches", two.proposal(two.municipality, services=wanted)
    )
    assert answer.fields == {("services.0", "service_refused")}


async def test_only_the_two_sides_and_the_secretariat_see_a_match(two: Pair) -> None:
    match_id = (await two.proposed()).json["id"]
    stranger = two.desk.member(OrganisationKind.PROVIDER)
    assert (await stranger.get(f"/own-matches/{match_id}")).status == 404
    assert (await stranger.get("/own-matches")).json["items"] == []
    watching = await two.desk.secretariat().get(f"/all-matches/{match_id}")
    assert (watching.status, watching.json["acts"]) == (200, [])
    viewer = two.desk.member(OrganisationKind.PROVIDER, two.provider.organisation_id, Role.VIEWER)
    assert (await two.act(viewer, match_id, "accept")).status == 403
    assert (await two.desk.anybody().get(f"/own-matches/{match_id}")).status == 401


async def test_an_answer_to_an_old_version_is_refused(two: Pair) -> None:
    match_id = (await two.proposed()).json["id"]
    path = f"/own-matches/{match_id}/accept"
    assert (await two.provider.post(path, {"message": ""})).status == 428
    assert (await two.provider.post(path, {"message": ""}, etag=99)).status == 412


async def test_a_suspended_side_cannot_be_matched(two: Pair) -> None:
    reviewer = two.desk.secretariat()
    path = f"/registrations/{two.provider.organisation_id}"
    body = {"effective_on": str(today()), "reason": "確認のため"}
    answer = await reviewer.post(f"{path}/suspend", body, etag=await reviewer.version(path))
    assert answer.status == 200, answer.content
    refused = await two.municipality.post("/own-matches", two.proposal(two.municipality))
    assert (refused.status, refused.code) == (422, "partner-refused")
    own = await two.provider.post("/own-matches", two.proposal(two.provider))
    assert (own.status, own.code) == (409, "not-registered")


async def test_each_side_finds_the_other(two: Pair) -> None:
    offers = (await two.municipality.get("/offers?grant_type=charge_rate&q=なぎさ")).json["items"]
    assert [o["code"] for o in offers] == ["nagisa-money"]
    assert (await two.municipality.get("/offers?grant_type=purchase_rate")).json["items"] == []
    assert (await two.municipality.get(f"/offers?fiscal_year={two.year + 1}")).json["items"] == []
    demands = (await two.provider.get("/demands?prefecture=17&kind=qr")).json["items"]
    assert [(d["name"], d["wanted_kinds"]) for d in demands] == [("小松市", ["qr", "e_money"])]
    assert (await two.provider.get("/demands?prefecture=01")).json["items"] == []
    match_id = (await two.proposed()).json["id"]
    assert (await two.provider.get("/demands")).json["items"][0]["match_id"] == match_id
    assert (await two.municipality.get("/offers")).json["items"][0]["match_state"] == "proposed"


async def test_matches_are_listed_page_by_page(two: Pair) -> None:
    for _ in range(3):
        match_id = (await two.proposed()).json["id"]
        await two.act(two.provider, match_id, "decline", "いいえ。")
    seen: list[str] = []
    path = "/own-matches?limit=2"
    page = (await two.provider.get(path)).json
    while True:
        seen += [i["id"] for i in page["items"]]
        if not page["next"]:
            break
        page = (await two.provider.get(f"{path}&after={page['next']}")).json
    assert len(seen) == len(set(seen)) == 3
    assert (await two.provider.get("/own-matches?state=proposed")).json["items"] == []
