"""Measures open, close and are settled at their instant, once, whoever looks and whoever dies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from chassis.clock import JAPAN, now
from chassis.database import Pool, reading, transaction
from services.registry.commands import measure_drafts, measure_review
from services.registry.commands.measure_course import take_due
from services.registry.commands.measure_cover import look_again
from services.registry.commands.measure_record import Acting
from services.registry.jobs import DueMeasures
from services.registry.model.measure.form import MeasureForm, TextFields, TextsSection
from services.registry.store import measures
from tests.registry.acts import registered_municipality, registered_provider
from tests.registry.asking import Desk
from tests.registry.covering import carry_now, drop
from tests.registry.measuring import day, measure_form

Inspect = Callable[[], Awaitable[None]]

CODE = "nagisa-money"


class Town:
    """小松市 with a contract that carries 「なぎさマネー」 in every year tests play in."""

    def __init__(self, pool: Pool, municipality_id: UUID) -> None:
        self.pool, self.id = pool, municipality_id

    async def published(
        self, *, opens: datetime, closes: datetime, then: datetime, codes: tuple[str, ...] = (CODE,)
    ) -> UUID:
        """A measure that was confirmed at ``then``."""
        first, last = opens.astimezone(JAPAN), closes.astimezone(JAPAN)
        times = {
            "apply_from_on": day(opens),
            "apply_from_time": f"{first:%H:%M}",
            "apply_until_on": day(closes),
            "apply_until_time": f"{last:%H:%M}",
            "allocate_by": day(closes),
        }
        form = MeasureForm.model_validate(
            measure_form(
                dates=times,
                basics={"fiscal_year": "2023"},
                services=[{"code": code} for code in codes],  # type: ignore[arg-type]
            )
        )
        drafter = Acting("member/a", "municipality", then)
        approver = Acting("member/b", "municipality", then)
        async with transaction(self.pool) as conn:
            begun = await measure_drafts.begin(conn, self.id, dict(form), drafter)
            await measure_drafts.submit(conn, self.id, begun.id, drafter)
            await measure_review.approve(conn, self.id, begun.id, approver)
            secretariat = Acting("member/c", "secretariat", then)
            await measure_review.confirm(conn, begun.id, secretariat)
        return begun.id

    async def due(self, measure_id: UUID, at: datetime) -> bool:
        """What is due of a measure at an instant is done."""
        async with transaction(self.pool) as conn:
            return await take_due(conn, measure_id, at)

    async def said(self, measure_id: UUID) -> list[tuple[str, Any]]:
        """What was said of a measure in public, and from when it was true."""
        rows = await self.pool.fetch(
            "SELECT type, body FROM events WHERE subject = $1 ORDER BY revision",
            f"measure/{measure_id}",
        )
        facts = [(row["type"].split(".")[2], orjson.loads(row["body"])) for row in rows]
        return [(what, body["effective_at"]) for what, body in facts if "effective_at" in body]


@pytest.fixture
async def town(desk: Desk, pool: Pool, inspected: Inspect) -> Town:
    await registered_provider(desk, inspected)
    municipality = await registered_municipality(desk, inspected)
    assert municipality.organisation_id
    await carry_now(pool, municipality.organisation_id, "nagisa-money", year=2023)
    return Town(pool, municipality.organisation_id)


OPENS = datetime(2023, 9, 11, 0, 0, tzinfo=JAPAN)
CLOSES = datetime(2023, 12, 25, 17, 0, tzinfo=JAPAN)
SETTLES = datetime(2023, 12, 26, 0, 0, tzinfo=JAPAN)
THEN = datetime(2023, 8, 20, 10, 0, tzinfo=JAPAN)
SECOND = timedelta(seconds=1)


def utc(moment: datetime) -> str:
    """As facts write it."""
    return f"{moment.astimezone(tz=None).timestamp():.0f}"


def instants(said: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(what, f"{datetime.fromisoformat(at).timestamp():.0f}") for what, at in said]


async def test_nothing_happens_before_its_second_and_everything_at_it(town: Town) -> None:
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    for due in (OPENS, CLOSES, SETTLES):
        assert not await town.due(measure_id, due - SECOND)
        assert await town.due(measure_id, due)
        assert not await town.due(measure_id, due)
    assert instants(await town.said(measure_id)) == [
        ("published", utc(THEN)),
        ("opened", utc(OPENS)),
        ("closed", utc(CLOSES)),
        ("settling", utc(SETTLES)),
    ]


async def test_after_a_long_rest_everything_is_true_from_its_own_instant(
    town: Town, pool: Pool
) -> None:
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    job = DueMeasures(pool)
    while await job.turn() or await job.turn():
        pass
    assert instants(await town.said(measure_id))[1:] == [
        ("opened", utc(OPENS)),
        ("closed", utc(CLOSES)),
        ("settling", utc(SETTLES)),
    ]


async def test_a_measure_confirmed_after_its_day_opens_from_its_confirmation(town: Town) -> None:
    late = OPENS + timedelta(days=3)
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=late)
    assert await town.due(measure_id, late)
    assert instants(await town.said(measure_id))[1] == ("opened", utc(late))


async def test_copies_that_look_at_once_do_it_once(town: Town, pool: Pool) -> None:
    ids = [await town.published(opens=OPENS, closes=CLOSES, then=THEN) for _ in range(3)]
    copies = [DueMeasures(pool) for _ in range(4)]

    async def work(copy: DueMeasures) -> None:
        for _ in range(12):
            await copy.turn()

    await asyncio.gather(*(work(copy) for copy in copies))
    for measure_id in ids:
        said = [what for what, _ in await town.said(measure_id)]
        assert said == ["published", "opened", "closed", "settling"]


async def test_who_dies_in_the_middle_leaves_everything_to_the_next(town: Town, pool: Pool) -> None:
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    with pytest.raises(asyncio.CancelledError):
        async with transaction(pool) as conn:
            assert await take_due(conn, measure_id, OPENS)
            raise asyncio.CancelledError
    assert [what for what, _ in await town.said(measure_id)] == ["published"]
    assert await town.due(measure_id, OPENS)
    assert [what for what, _ in await town.said(measure_id)] == ["published", "opened"]


async def test_a_measure_somebody_has_in_hand_is_left_to_them(town: Town, pool: Pool) -> None:
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    async with transaction(pool) as conn:
        await measures.measure_for_update(conn, measure_id)
        assert not await town.due(measure_id, OPENS)
    assert await town.due(measure_id, OPENS)


async def test_one_that_cannot_be_helped_does_not_hold_up_the_others(
    town: Town, pool: Pool
) -> None:
    first = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    second = await town.published(opens=OPENS + SECOND * 60, closes=CLOSES, then=THEN)
    # Nothing reads this entry any more.
    await pool.execute("UPDATE measures SET form = '{\"odd\": 1}' WHERE id = $1", first)
    job = DueMeasures(pool)
    for _ in range(6):
        try:
            await job.turn()
        except ValueError:
            continue
    assert [what for what, _ in await town.said(first)] == ["published"]
    assert [what for what, _ in await town.said(second)][:2] == ["published", "opened"]


async def test_a_measure_whose_contract_ended_meanwhile_rests_instead_of_opening(
    town: Town, pool: Pool
) -> None:
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN)
    # As if nobody had looked when the contract ended.
    await pool.execute("UPDATE contracts SET state = 'ended'")
    assert await town.due(measure_id, OPENS)
    assert instants(await town.said(measure_id))[-1] == ("paused", utc(OPENS))
    async with reading(pool) as conn:
        found = await measures.measure(conn, measure_id)
    assert (found.state, found.reason) == ("paused", "provider_withdrawn")


async def test_the_end_of_a_contract_takes_its_service_out_or_rests_the_measure(
    town: Town, pool: Pool
) -> None:
    then = now() - timedelta(days=2)
    opens, closes = then + timedelta(hours=1), now() + timedelta(days=9)
    year = str(opens.astimezone(JAPAN).year - (opens.astimezone(JAPAN).month < 4))
    form = measure_form(
        basics={"fiscal_year": year},
        dates={
            "apply_from_on": day(opens),
            "apply_until_on": day(closes),
            "allocate_by": day(closes),
        },
    )
    assert date.fromisoformat(form["dates"]["allocate_by"])
    carried = await carry_now(pool, town.id, "nagisa-money", year=int(year))
    async with transaction(pool) as conn:
        drafter = Acting("member/a", "municipality", then)
        sections = dict(MeasureForm.model_validate(form))
        begun = await measure_drafts.begin(conn, town.id, sections, drafter)
        await measure_drafts.submit(conn, town.id, begun.id, drafter)
        approver = Acting("member/b", "municipality", then)
        await measure_review.approve(conn, town.id, begun.id, approver)
        await measure_review.confirm(conn, begun.id, Acting("member/c", "secretariat", then))
        assert await take_due(conn, begun.id, now())
    async with transaction(pool) as conn:
        await drop(conn, carried)
        await drop(conn, carried)
    said = [what for what, _ in await town.said(begun.id)]
    assert said == ["published", "opened", "paused"]


async def test_a_version_without_a_lost_service_keeps_nothing_of_what_somebody_is_typing(
    town: Town, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO payment_services SELECT gen_random_uuid(), provider_id, 'nagisa-card', state, details,"
        " registered_on, effective_on, 1 FROM payment_services"
    )
    await pool.execute(
        "INSERT INTO match_services SELECT m.id, s.id, '{fixed}' FROM matches m, payment_services s"
        " WHERE s.code = 'nagisa-card'"
    )
    await pool.execute(
        "INSERT INTO listed (list, subject_id, code, key, item, valid_from, known_from)"
        " SELECT l.list, s.id, s.code, l.key, l.item, l.valid_from, l.known_from FROM listed l, payment_services s"
        " WHERE l.list = 'payment-services' AND s.code = 'nagisa-card'"
    )
    codes = (CODE, "nagisa-card")
    measure_id = await town.published(opens=OPENS, closes=CLOSES, then=THEN, codes=codes)
    assert await town.due(measure_id, OPENS)
    drafter = Acting("member/a", "municipality", OPENS)
    async with transaction(pool) as conn:
        await measure_drafts.edit(conn, town.id, measure_id, drafter)
        typed: dict[str, object] = {"texts": TextsSection(ja=TextFields(title="途中の名前"))}
        await measure_drafts.save_draft(conn, town.id, measure_id, typed, drafter)
        await conn.execute(
            "DELETE FROM match_services USING payment_services s WHERE s.id = payment_service_id AND s.code = $1",
            CODE,
        )
        await look_again(conn, town.id, now())
        await measure_drafts.discard(conn, town.id, measure_id, drafter)
        again = await measure_drafts.edit(conn, town.id, measure_id, drafter)
    assert [what for what, _ in await town.said(measure_id)][-1] == "changed"
    assert again.entry and [s.code for s in again.entry.services] == ["nagisa-card"]
    assert [s.code for s in again.form.services] == ["nagisa-card"]
    assert again.form.texts.ja.title == "子育て応援ポイント"
