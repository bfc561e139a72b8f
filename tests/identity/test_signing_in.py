"""Signing in over HTTP: the one refusal, the pace, the sessions."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters

from chassis.clock import now
from chassis.database import reading, transaction
from services.identity.hashing import PASSES, Hasher
from services.identity.model.links import hash_of
from tests.identity.conftest import HouseWith
from tests.identity.house import NEW_PASSWORD, PASSWORD, House, Person, Said
from tests.rig.waiting import eventually

T = TypeVar("T")


async def test_a_wrong_id_and_a_wrong_password_get_the_same_answer(house: House) -> None:
    person = await house.account()
    wrong = await house.knock(person, password="まちがった-あいことば-です")
    nobody = await house.knock(person, sign_in_id="m999999-01")
    wrong.refused(401, "sign-in-refused")
    assert _without_request_id(wrong) == _without_request_id(nobody)
    varying = ("Date", "X-Request-ID")
    assert {k: v for k, v in wrong.headers.items() if k not in varying} == {
        k: v for k, v in nobody.headers.items() if k not in varying
    }


def _without_request_id(said: Said) -> dict[str, object]:
    return {name: value for name, value in said.body.items() if name != "request_id"}


async def test_an_invited_person_without_a_password_is_refused_like_anybody(house: House) -> None:
    _, done = await house.issued()
    (await house.knock(Person(done["sign_in_id"]))).refused(401, "sign-in-refused")


class Noting(PasswordHasher):
    """Notes what each comparison costs: the parameters of what is compared with."""

    costs: list[Parameters]

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.costs.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


async def test_a_wrong_password_costs_as_much_as_a_wrong_id_or_one_without_a_password(
    house_with: HouseWith,
) -> None:
    hasher = Hasher(1, 64, memory_kib=1024)
    house = await house_with(hasher)
    person = await house.account()
    _, invited = await house.issued()
    noting = hasher._argon2 = Noting(time_cost=PASSES, memory_cost=1024, parallelism=1)
    noting.costs = []
    # Comparing is what takes the time; how long that is says nothing on a machine that does much else.
    for sign_in_id in (person.sign_in_id, "m999999-01", invited["sign_in_id"]):
        wrong = await house.knock(person, sign_in_id=sign_in_id, password="ちがう-あいことば-です")
        wrong.refused(401, "sign-in-refused")
    assert len(noting.costs) == 3 and len(set(map(str, noting.costs))) == 1


async def test_ids_are_read_as_people_type_them(house: House) -> None:
    person = await house.account()
    typed = person.sign_in_id.upper().replace("-", "－")
    (await house.knock(person, sign_in_id=f" {typed} ")).expect(200)


async def _strangers_guess(house: House, person: Person) -> None:
    """Strangers from many networks, patient ones: afterwards the door is shut for its longest pause."""
    for number in range(11):
        await house.pass_time("tries", "failed_at, turn_at", 31 / 3600)
        stranger = f"198.51.{number}.1"
        (await house.knock(person, password="ちがう-あいことば", address=stranger)).expect(401)


async def test_an_owner_is_never_locked_out_by_strangers(house: House) -> None:
    person = await house.account()
    await _strangers_guess(house, person)
    early = await house.knock(person, password="ちがう-あいことば", address="198.51.200.1")
    early.refused(429, "sign-in-too-often")
    assert 1 <= int(early.headers["Retry-After"]) <= 30
    # From where the owner signed in before there is no waiting at all.
    (await house.knock(person)).expect(200)
    # From elsewhere the owner waits as told, and gets a turn whatever strangers do meanwhile.
    (await house.knock(person, address="192.0.2.99")).refused(429, "sign-in-too-often")
    await house.pass_time("tries", "failed_at, turn_at", 31 / 3600)
    await _strangers_guess(house, person)
    (await house.knock(person, address="192.0.2.99")).expect(200)


async def test_a_browser_that_signed_in_before_is_known_in_any_network(house: House) -> None:
    person = await house.account()
    device = (await house.knock(person)).expect(200).body["device"]
    await _strangers_guess(house, person)
    elsewhere = "192.0.2.99"
    (await house.knock(person, address=elsewhere)).refused(429, "sign-in-too-often")
    (await house.knock(person, address=elsewhere, device=device)).expect(200)


async def test_guesses_at_one_moment_are_counted_before_they_are_compared(house: House) -> None:
    person = await house.account()
    await _strangers_guess(house, person)
    # The next pause is a long one: however slow this machine is, only the first guess is compared.
    await house.pass_time("tries", "failed_at, turn_at", 31 / 3600)
    answers = await asyncio.gather(
        *(house.knock(person, password=f"ちがう-{n}", address="198.51.100.1") for n in range(25))
    )
    assert [a.status for a in answers].count(401) == 1
    assert [a.status for a in answers].count(429) == 24


async def test_a_password_is_kept_under_stronger_parameters_with_the_next_sign_in(
    house: House, house_with: HouseWith
) -> None:
    person = await house.account()
    house = await house_with(Hasher(1, 8, memory_kib=2048))
    (await house.knock(person)).expect(200)
    async with reading(house.pool) as conn:
        kept = await conn.fetchval(
            "SELECT password_hash FROM members WHERE sign_in_id = $1", person.sign_in_id
        )
    assert "m=2048," in kept
    (await house.knock(person)).expect(200)


class Held(Hasher):
    """Nothing is hashed or compared before it is let go."""

    def __init__(self, workers: int, queue: int) -> None:
        super().__init__(workers, queue)
        self.let_go = asyncio.Event()

    async def run(self, act: Callable[[], T]) -> T:
        await self.let_go.wait()
        return await super().run(act)


async def test_past_the_queue_the_door_says_later_and_counts_nothing(
    house: House, house_with: HouseWith
) -> None:
    person = await house.account()
    # The stored hash is one of smaller parameters, too: all who get in replace it at the same time.
    held = Held(1, 2)
    house = await house_with(held)
    knocks = [asyncio.create_task(house.knock(person)) for _ in range(12)]
    await eventually(lambda: sum(knock.done() for knock in knocks) == 9)
    held.let_go.set()
    answers = await asyncio.gather(*knocks)
    busy = [a for a in answers if a.status == 503]
    assert len(busy) == 9
    assert [a.status for a in answers].count(200) == 3
    assert all(a.body["code"] == "sign-in-busy" and "Retry-After" in a.headers for a in busy)


async def test_sessions_lie_in_the_database_as_hashes_only(house: House) -> None:
    person = await house.account()
    async with reading(house.pool) as conn:
        rows = await conn.fetch("SELECT s::text AS t, token_hash FROM sessions s")
    assert hash_of(person.session) in [row["token_hash"] for row in rows]
    assert not [row for row in rows if person.session in row["t"]]


async def test_each_sign_in_has_a_value_of_its_own(house: House) -> None:
    person = await house.account()
    values = {(await house.knock(person)).expect(200).body["session"] for _ in range(3)}
    assert len(values | {person.session}) == 4


async def test_a_token_speaks_for_the_member_for_a_minute(house: House) -> None:
    person = await house.account()
    got = (await house.exchange(person)).expect(200).body
    principal = house.keys("registry").verify(got["token"])
    assert principal.organisation_id == person.account_id
    assert {r.value for r in principal.roles} == {"admin", "editor"}
    assert principal.amr == ("pwd",)
    assert datetime.fromisoformat(got["expires_at"]) - now() <= timedelta(seconds=60)


@pytest.mark.parametrize(
    ("columns", "hours"), [("last_seen_at", 0.51), ("created_at, ends_at", 12.1)]
)
async def test_a_session_ends_when_idle_and_in_any_case(
    house: House, columns: str, hours: float
) -> None:
    person = await house.account()
    await house.pass_time("sessions", columns, hours)
    (await house.exchange(person)).refused(401, "session-over")
    await house.clerk.end()
    (fact,) = await house.facts("identity.session.ended")
    assert fact["reason"] in ("idle", "absolute")


async def test_using_a_session_keeps_it_alive(house: House) -> None:
    person = await house.account()
    for _ in range(3):
        await house.pass_time("sessions", "last_seen_at", 0.4)
        (await house.exchange(person)).expect(200)


async def test_signing_out_ends_the_session_and_says_so(house: House) -> None:
    person = await house.account()
    (await house.internal("/sessions/end", {"session": person.session})).expect(204)
    (await house.internal("/sessions/end", {"session": person.session})).expect(204)
    (await house.exchange(person)).refused(401, "session-over")
    (fact,) = await house.facts("identity.session.ended")
    assert (fact["session_id"], fact["reason"]) == (person.me["session_id"], "signed-out")
    async with reading(house.pool) as conn:
        refused = await conn.fetch("SELECT id::text FROM refused")
    assert [row["id"] for row in refused] == [person.me["session_id"]]


async def test_a_member_sees_all_sessions_and_ends_one_of_them(house: House) -> None:
    person = await house.account()
    other = await house.sign_in(Person(person.sign_in_id, address="192.0.2.50"))
    items = (await house.get("/me/sessions", person.token)).expect(200).body["items"]
    assert [i["current"] for i in items] == [False, True]
    assert items[0]["address"] == "192.0.2.50"
    path = f"/api/v1/identity/me/sessions/{other.me['session_id']}"
    (await house.ask("DELETE", path, token=person.token)).expect(204)
    (await house.exchange(other)).refused(401, "session-over")
    (await house.exchange(person)).expect(200)


async def test_nobody_ends_the_session_of_somebody_else(house: House) -> None:
    one, other = await house.account(), await house.account()
    path = f"/api/v1/identity/me/sessions/{other.me['session_id']}"
    (await house.ask("DELETE", path, token=one.token)).refused(404, "no-such-session")
    (await house.exchange(other)).expect(200)


async def test_signing_out_everywhere_ends_every_session(house: House) -> None:
    person = await house.account()
    other = await house.sign_in(Person(person.sign_in_id))
    (await house.post("/me/sessions/end-all", token=person.token)).expect(204)
    for one in (person, other):
        (await house.exchange(one)).refused(401, "session-over")
    assert len(await house.facts("identity.session.ended")) == 2


async def test_a_changed_password_ends_the_other_sessions(house: House) -> None:
    person = await house.account()
    other = await house.sign_in(Person(person.sign_in_id))
    body = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    answer = await house.ask("PUT", "/api/v1/identity/me/password", body, token=person.token)
    answer.expect(204)
    (await house.exchange(person)).expect(200)
    (await house.exchange(other)).refused(401, "session-over")
    (await house.knock(person)).refused(401, "sign-in-refused")
    (await house.knock(person, password=NEW_PASSWORD)).expect(200)
    assert (await house.letters())[-1].template == "password_changed"


async def test_the_own_password_is_not_guessed_from_an_open_session(house: House) -> None:
    person = await house.account()
    body = {"current_password": "ちがう-あいことば", "password": NEW_PASSWORD}
    answers = [
        await house.ask("PUT", "/api/v1/identity/me/password", body, token=person.token)
        for _ in range(6)
    ]
    assert [a.status for a in answers] == [422] * 5 + [429]


async def test_nothing_that_was_typed_as_a_password_is_kept_anywhere(house: House) -> None:
    person = await house.account()
    async with transaction(house.pool) as conn:
        kept = await conn.fetchval("SELECT password_hash FROM members")
        answers = await conn.fetchval("SELECT count(*) FROM answers")
    assert kept.startswith("$argon2id$")
    assert answers == 0
    assert person.token


async def test_a_forgotten_password_is_replaced_by_a_mailed_link(house: House) -> None:
    asked, done = await house.issued()
    await house.set_password(done["password_token"])
    person = await house.sign_in(Person(done["sign_in_id"]))
    reset = {"sign_in_id": person.sign_in_id, "email": asked["email"].upper()}
    (await house.post("/password-resets", reset)).expect(202)
    await house.settle()
    token = await house.mailed_token(asked["email"], "password_reset")
    await house.set_password(token, NEW_PASSWORD)
    (await house.exchange(person)).refused(401, "session-over")
    (await house.knock(person, password=NEW_PASSWORD)).expect(200)
    assert len(await house.facts("identity.account.password_changed")) == 1


async def test_asking_for_a_new_password_tells_nothing(house: House) -> None:
    asked, done = await house.issued()
    await house.set_password(done["password_token"])
    right = {"sign_in_id": done["sign_in_id"], "email": asked["email"]}
    answers = [
        await house.post("/password-resets", right),
        await house.post("/password-resets", right | {"email": "other@example.jp"}),
        await house.post("/password-resets", right | {"sign_in_id": "m999999-01"}),
    ]
    assert len({a.raw for a in answers}) == 1
    assert {a.status for a in answers} == {202}
    before = len(await house.letters())
    await house.settle()
    assert len(await house.letters()) == before + 1


async def test_what_public_doors_are_asked_costs_the_same_whoever_is_known(house: House) -> None:
    """The door writes one sealed row in either case; what follows from it happens elsewhere."""
    asked, done = await house.issued()
    await house.set_password(done["password_token"])
    facts = len(await house.facts())
    for email in (asked["email"], "unknown@example.jp"):
        body = {"sign_in_id": done["sign_in_id"], "email": email}
        (await house.post("/password-resets", body)).expect(202)
    async with reading(house.pool) as conn:
        rows = await conn.fetch("SELECT kind, content FROM asks")
    assert [row["kind"] for row in rows] == ["password_reset"] * 2
    assert not [row for row in rows if "example.jp" in row["content"]]
    assert len(await house.facts()) == facts


async def test_internal_doors_open_to_services_only(house: House) -> None:
    person = await house.account()
    body = {"session": person.session}
    for token in (None, person.token):
        answer = await house.ask("POST", "/internal/sessions/exchange", body, token=token)
        assert answer.status in (401, 404)
