"""Who leaves the register ends its matches, who rests in it rests its measures, each on its day and once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import now, today
from chassis.database import Pool, reading, transaction
from services.registry.commands.measure_course import take_due
from services.registry.jobs import CoverKeeper, DueMeasures
from tests.registry.asking import Asker, Desk
from tests.registry.covering import Carried, carry_now
from tests.registry.matching import Pair, Signing, pair, signing_service
from tests.registry.measuring import Staff, day, measure_form, year_of
from tests.rig.asker import Answered

REASON = "届け出のため"


@dataclass
class Town:
    """小松市 with a measure people may apply to, and the one provider that carries it."""

    pair: Pair
    staff: Staff
    carried: Carried
    measure_id: str

    @property
    def pool(self) -> Pool:
        return self.pair.desk.pool

    async def stand(self, whose: Asker, act: str, on: date | None = None) -> Answered:
        """The secretariat lets a registration rest, count again or end, from a day on."""
        reviewer, path = self.pair.desk.secretariat(), f"/registrations/{whose.organisation_id}"
        body: dict[str, Any] = {"reason": REASON, "effective_on": str(on or today())}
        answer = await reviewer.post(f"{path}/{act}", body, etag=await reviewer.version(path))
        assert answer.status == 200, answer.content
        return answer

    async def keep(self, days: int = 0) -> None:
        """What the job finds to do on a day, until it finds nothing."""
        await kept(self.pool, days)

    async def state(self) -> tuple[str, str | None]:
        """How the measure stands, and why."""
        seen = await self.staff.seen(self.measure_id)
        return seen["state"], seen["reason"]

    async def said(self, subject: str) -> list[str]:
        """What was said of a subject, the first first."""
        rows = await self.pool.fetch(
            "SELECT type FROM events WHERE subject = $1 ORDER BY revision", subject
        )
        return [str(row["type"]).split(".")[2] for row in rows]


async def kept(pool: Pool, days: int = 0) -> None:
    """The job turns on a day until there is nothing to do; that it comes to an end is part of the test."""
    keeper = CoverKeeper(pool, clock=lambda: now() + timedelta(days=days))
    for _ in range(5):
        if not await keeper.turn():
            return
    raise AssertionError("the job never rests")


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


@pytest.fixture
async def signing(desk: Desk) -> AsyncIterator[Signing]:
    """The simulator, running."""
    async with signing_service(desk) as found:
        yield found


@pytest.fixture
async def town(two: Pair) -> Town:
    opens = day(now() - timedelta(days=1))
    form = measure_form(dates={"apply_from_on": opens})
    staff, pool, own = (
        Staff.of(two.desk, two.municipality),
        two.desk.pool,
        two.municipality.organisation_id,
    )
    assert own
    carried = await carry_now(pool, own, "nagisa-money", year=year_of(form))
    await pool.execute("UPDATE matches SET state = 'active', effective_on = $1", date(2023, 4, 1))
    measure_id = await staff.published(form)
    assert await DueMeasures(pool).turn()
    town = Town(two, staff, carried, measure_id)
    assert await town.state() == ("open", None)
    return town


@pytest.mark.parametrize("side", ["municipality", "provider"])
async def test_a_side_that_rests_rests_the_measure_and_lets_it_go_on(town: Town, side: str) -> None:
    whose = getattr(town.pair, side)
    await town.keep()
    assert await town.state() == ("open", None)
    await town.stand(whose, "suspend")
    await town.keep()
    assert await town.state() == ("paused", "registration_suspended")
    public = (await town.pair.desk.anybody().get(f"/measures/{town.measure_id}")).json
    assert public["state"] == "paused"
    answer = await town.staff.act(town.measure_id, "resume")
    assert answer.code == "measure-not-covered"
    await town.stand(whose, "resume")
    await town.keep()
    assert await town.state() == ("open", None)
    said = await town.said(f"measure/{town.measure_id}")
    assert said[-3:] == ["opened", "paused", "resumed"]
    seen = await town.staff.seen(town.measure_id)
    assert [s["code"] for s in seen["entry"]["services"]] == ["nagisa-money"]


async def test_what_was_to_open_waits_and_opens_on_its_day_after_all(town: Town) -> None:
    form = measure_form()
    coming = await town.staff.published(form)
    await town.stand(town.pair.provider, "suspend")
    await town.keep()
    assert (await town.staff.seen(coming))["state"] == "paused"
    await town.stand(town.pair.provider, "resume")
    await town.keep()
    assert (await town.staff.seen(coming))["state"] == "scheduled"


async def test_a_pause_of_the_municipality_is_not_ended_by_the_register(town: Town) -> None:
    await town.staff.act(town.measure_id, "pause", {"message": "金額を確かめています。"})
    await town.stand(town.pair.provider, "suspend")
    await town.keep()
    await town.stand(town.pair.provider, "resume")
    await town.keep()
    assert await town.state() == ("paused", "municipality_decision")


async def test_a_rest_begins_and_ends_on_its_days(town: Town) -> None:
    await town.stand(town.pair.provider, "suspend", today() + timedelta(days=3))
    await town.keep(days=2)
    assert await town.state() == ("open", None)
    await town.keep(days=3)
    assert await town.state() == ("paused", "registration_suspended")
    await town.stand(town.pair.provider, "resume", today() + timedelta(days=6))
    await town.keep(days=5)
    assert await town.state() == ("paused", "registration_suspended")
    await town.keep(days=6)
    assert await town.state() == ("open", None)


@pytest.mark.parametrize("side", ["municipality", "provider"])
async def test_a_side_that_leaves_ends_its_matches_on_its_day_and_what_they_carried(
    town: Town, side: str
) -> None:
    whose, match = getattr(town.pair, side), f"match/{town.carried.match_id}"
    last = today() + timedelta(days=4)
    await town.stand(whose, "withdraw", last + timedelta(days=1))
    await town.keep(days=4)
    assert await town.state() == ("open", None)
    for _ in range(2):
        await town.keep(days=5)
        assert await town.state() == ("paused", "provider_withdrawn")
        assert (await town.said(match))[-1] == "ended"
    row = await town.pool.fetchrow("SELECT state, ended_on, valid_until FROM contracts")
    assert row is not None and tuple(row) == ("ended", last, last)


async def test_the_public_list_of_matches_ends_with_the_day_of_who_leaves(
    two: Pair, signing: Signing
) -> None:
    contract_id, last = await two.concluded(signing), today() + timedelta(days=2)
    await _leaves(two, last + timedelta(days=1))
    reader = two.desk.anybody()
    for ahead, state in ((2, "active"), (3, "ended")):
        await kept(two.desk.pool, ahead)
        assert (await two.match_of(contract_id))["state"] == state
    assert (await reader.get(f"/matches?as_of={last}")).json["total"] == 1
    assert (await reader.get(f"/matches?as_of={last + timedelta(days=1)}")).json["total"] == 0
    assert (await two.contract(contract_id))["ended_on"] == str(last)


async def test_one_who_begins_anew_at_once_has_left_all_the_same(town: Town) -> None:
    await town.stand(town.pair.provider, "withdraw")
    etag = await town.pair.provider.version()
    answer = await town.pair.provider.put("/registration/draft", {}, etag=etag)
    assert answer.status == 200, answer.content
    await town.keep()
    assert (await town.said(f"match/{town.carried.match_id}"))[-1] == "ended"


async def test_a_measure_that_is_due_does_not_open_for_a_provider_that_rests(town: Town) -> None:
    coming = UUID(await town.staff.published(measure_form()))
    await town.stand(town.pair.provider, "suspend")
    async with transaction(town.pool) as conn:
        assert await take_due(conn, coming, now() + timedelta(days=11))
    assert (await town.staff.seen(str(coming)))["reason"] == "registration_suspended"


@pytest.mark.parametrize("how_far", ["proposed", "accepted", "drafted"])
async def test_nothing_comes_of_what_was_agreed_with_who_leaves(two: Pair, how_far: str) -> None:
    if how_far == "proposed":
        match_id = str((await two.proposed()).json["id"])
    else:
        match_id = await two.accepted()
    if how_far == "drafted":
        assert (await two.drafted(match_id)).status == 201
    await _leaves(two)
    await kept(two.desk.pool)
    seen = (await two.municipality.get(f"/own-matches/{match_id}")).json
    assert seen["state"] == "withdrawn"
    contracts = await two.desk.pool.fetch("SELECT state FROM contracts")
    assert [row["state"] for row in contracts] == ["cancelled"] * (how_far == "drafted")


@pytest.mark.parametrize("sent", [False, True])
async def test_a_contract_on_its_way_is_taken_back_from_who_leaves(
    two: Pair, signing: Signing, *, sent: bool
) -> None:
    contract_id = await two.ready()
    if sent:
        await signing.work(2)
    await _leaves(two)
    for _ in range(3):
        await kept(two.desk.pool)
        await signing.work(2)
    assert (await two.contract(contract_id))["state"] == "cancelled"
    assert (await two.match_of(contract_id))["state"] == "withdrawn"
    assert signing.sendings == [1] * sent
    assert [d.status for d in signing.shelf.documents] == [3] * sent


async def _leaves(two: Pair, on: date | None = None) -> None:
    reviewer, path = two.desk.secretariat(), f"/registrations/{two.provider.organisation_id}"
    body = {"reason": REASON, "effective_on": str(on or today())}
    answer = await reviewer.post(f"{path}/withdraw", body, etag=await reviewer.version(path))
    assert answer.status == 200, answer.content


async def test_several_copies_of_the_job_end_and_rest_once(town: Town) -> None:
    await town.stand(town.pair.provider, "withdraw")
    await asyncio.gather(*(CoverKeeper(town.pool).turn() for _ in range(3)))
    assert (await town.said(f"measure/{town.measure_id}")).count("paused") == 1
    async with reading(town.pool) as conn:
        ended = await conn.fetchval("SELECT count(*) FROM events WHERE type LIKE '%.match.ended.%'")
    assert ended == 1
