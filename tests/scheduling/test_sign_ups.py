"""Seats: exactly as many as there are, the rest in line in the order of arrival, whatever happens at once."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from chassis.database import CheckViolation, Pool, transaction
from contracts.values import OrganisationKind
from services.scheduling.commands import seats
from tests.rig.asker import Answered
from tests.rig.portal import LONG
from tests.scheduling.asking import Asker, House
from tests.scheduling.conftest import Said
from tests.scheduling.planned import meeting, published

_ENDS = ("starts_at", "ends_at")
_COME_AGAIN = {"busy", "idempotency-key-in-flight"}
MUNICIPALITY, PROVIDER = OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER


async def sign_up(asker: Asker, session_id: str) -> Answered:
    """Sign up, and come again with the same key when told to."""
    key = f"key-{asker.organisation_id}"
    while True:
        answer = await asker.post("/sign-ups", {"session_id": session_id}, key=key)
        if answer.status not in (409, 503) or answer.code not in _COME_AGAIN:
            return answer


@pytest.mark.parametrize("comers", [1000 if LONG else 200])
async def test_a_thousand_at_once_for_fifty_places(house: House, pool: Pool, comers: int) -> None:
    made = await published(house.secretariat(), capacity=50)
    members = [house.member(PROVIDER) for _ in range(comers)]
    # As many at a time as the gateway lets through to one copy.
    lanes = asyncio.Semaphore(64)

    async def one(member: Asker) -> Answered:
        async with lanes:
            return await sign_up(member, made["id"])

    answers = await asyncio.gather(*(one(m) for m in members))
    assert {a.status for a in answers} == {201}
    states = [a.json["state"] for a in answers]
    assert (states.count("seated"), states.count("waiting")) == (50, comers - 50)
    rows = await pool.fetch("SELECT number, state FROM sign_ups ORDER BY number")
    assert [row["number"] for row in rows] == list(range(1, comers + 1))
    assert {row["state"] for row in rows[:50]} == {"seated"}
    assert {row["state"] for row in rows[50:]} == {"waiting"}
    places = sorted(a.json["place_in_line"] for a in answers if a.json["place_in_line"])
    assert places == list(range(1, comers - 49))
    seen = (await house.anybody().get(f"/sessions/{made['id']}")).json
    assert (seen["state"], seen["seated"], seen["waiting"]) == ("full", 50, comers - 50)


async def test_who_leaves_makes_room_for_who_waited_longest(house: House, said: Said) -> None:
    made = await published(house.secretariat(), capacity=1)
    first, second, third = (house.member(PROVIDER) for _ in range(3))
    own = [(await sign_up(m, made["id"])).json for m in (first, second, third)]
    assert [(o["state"], o["place_in_line"]) for o in own] == [
        ("seated", None),
        ("waiting", 1),
        ("waiting", 2),
    ]
    assert own[0]["link"] and not own[1]["link"]
    gone = await first.post(f"/sign-ups/{own[0]['id']}/withdraw")
    assert gone.json["state"] == "withdrawn"
    seated = (await second.get("/sign-ups")).json["items"][0]
    assert (seated["state"], seated["link"]) == ("seated", "https://meeting.example/room")
    assert (await third.get("/sign-ups")).json["items"][0]["place_in_line"] == 1
    acts = [act for act, *_ in await said(f"session/{made['id']}")]
    assert acts[-2:] == ["sign_up_withdrawn", "seat_taken"]
    again = await first.post(f"/sign-ups/{own[0]['id']}/withdraw")
    assert (again.status, again.code) == (409, "sign-up-withdrawn")
    assert (await first.post("/sign-ups", {"session_id": made["id"]})).json["state"] == "waiting"


async def test_more_places_go_to_those_who_wait(house: House) -> None:
    desk = house.secretariat()
    made = await published(desk, capacity=1)
    members = [house.member(MUNICIPALITY) for _ in range(3)]
    for member in members:
        await sign_up(member, made["id"])
    path = f"/programme/sessions/{made['id']}"
    seen = (await desk.get(path)).json
    same = {n: seen[n] for n in ("sign_up_from", "sign_up_until", "starts_at", "ends_at")}
    wider = await desk.put(path, meeting(**same, capacity=5), etag=seen["version"])
    assert wider.status == 200, wider.content
    assert (wider.json["seated"], wider.json["waiting"]) == (3, 0)
    assert wider.json["state"] == "registration_open"
    less = await desk.put(path, meeting(**same, capacity=2), etag=wider.json["version"])
    assert (less.status, less.code) == (409, "capacity-taken")
    assert len((await desk.get(f"{path}/sign-ups")).json["items"]) == 3


async def test_nobody_signs_up_twice_or_where_they_are_not_invited(house: House) -> None:
    made = await published(house.secretariat(), audience="municipality")
    town = house.member(MUNICIPALITY)
    assert (await sign_up(town, made["id"])).status == 201
    twice = await town.post("/sign-ups", {"session_id": made["id"]})
    assert (twice.status, twice.code) == (409, "signed-up-already")
    other = await house.member(PROVIDER).post("/sign-ups", {"session_id": made["id"]})
    assert (other.status, other.code) == (403, "not-invited")
    assert (await house.anybody().post("/sign-ups", {"session_id": made["id"]})).status == 401


async def test_the_same_key_hears_the_same_answer(house: House) -> None:
    made = await published(house.secretariat())
    town = house.member(MUNICIPALITY)
    first = await sign_up(town, made["id"])
    assert (await sign_up(town, made["id"])).content == first.content


async def test_the_database_sells_no_seat_twice(house: House, pool: Pool) -> None:
    made = await published(house.secretariat(), capacity=1)
    assert (await sign_up(house.member(MUNICIPALITY), made["id"])).status == 201
    with pytest.raises(CheckViolation, match="never_oversold"):
        await pool.execute(
            "INSERT INTO sign_ups SELECT gen_random_uuid(), session_id, 2, organisation_id,"
            " gen_random_uuid(), 'seated', signed_up_at, state_since FROM sign_ups"
        )


async def test_who_has_a_seat_is_reminded_once_a_day_before(house: House, pool: Pool) -> None:
    made = await published(house.secretariat(), capacity=1)
    start = datetime.fromisoformat(made["starts_at"])
    for who in (house.member(PROVIDER), house.member(PROVIDER)):
        await sign_up(who, made["id"])

    async def reminded(at: datetime) -> list[tuple[str, datetime]]:
        async with transaction(pool) as conn:
            await seats.remind(conn, now=at)
        rows = await pool.fetch(
            "SELECT convert_from(body, 'UTF8')::jsonb AS body FROM events"
            " WHERE type = 'scheduling.session.reminded.v1' ORDER BY seq"
        )
        read = [json.loads(row["body"]) for row in rows]
        return [(r["member_id"], datetime.fromisoformat(r["occurred_at"])) for r in read]

    day = timedelta(days=1)
    assert await reminded(start - day - timedelta(seconds=1)) == []
    [once] = await reminded(start - day)
    assert await reminded(start - day / 2) == [once]
    later = {n: (datetime.fromisoformat(made[n]) + 3 * day).isoformat() for n in _ENDS}
    moved = meeting(**later, capacity=1, sign_up_from=made["sign_up_from"])
    path = f"/programme/sessions/{made['id']}"
    current = (await house.secretariat().get(path)).json["version"]
    assert (await house.secretariat().put(path, moved, etag=current)).status == 200
    # Another time is another reminder; whoever waits, and what has begun, has none.
    assert await reminded(start - day / 2) == [once]
    again = [once, (once[0], start + 2 * day)]
    assert await reminded(start + 2 * day) == again
    assert await reminded(start + 3 * day) == again


async def test_many_copies_remind_each_once(house: House, pool: Pool) -> None:
    made = await published(house.secretariat(), capacity=30)
    for _ in range(30):
        await sign_up(house.member(PROVIDER), made["id"])
    at = datetime.fromisoformat(made["starts_at"]) - timedelta(hours=1)

    async def copy() -> None:
        for _ in range(8):
            async with transaction(pool) as conn:
                await seats.remind(conn, now=at)

    await asyncio.gather(*(copy() for _ in range(6)))
    told = "SELECT count(*) FROM events WHERE type = 'scheduling.session.reminded.v1'"
    assert await pool.fetchval(told) == 30
