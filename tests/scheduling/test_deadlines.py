"""The map of deadlines follows measures, reminds at 30, 7 and 1 days, and stands against maintenance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import contracts
from chassis.clock import now
from chassis.database import Pool, transaction
from contracts.registry.measures import MeasureCancelled, MeasureChanged, MeasurePublished
from services.scheduling.commands import deadlines
from services.scheduling.model.deadline import REMINDERS, Deadline, State, coming, deadline_id
from services.scheduling.subscriptions import SUBSCRIPTIONS
from tests.scheduling.asking import House
from tests.scheduling.conftest import Said
from tests.scheduling.test_maintenance import body

_EXAMPLES = Path(contracts.__file__).parent / "examples"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def measure(kind: type[Any], apply_until: datetime, **more: Any) -> Any:
    """A fact about a measure, as the registry says it."""
    said = orjson.loads((_EXAMPLES / f"{kind.type}.json").read_bytes())
    said["entry"]["apply_until"] = apply_until.isoformat()
    said["entry"]["allocate_by"] = (apply_until + 31 * DAY).date().isoformat()
    for service in said["entry"]["services"]:
        service["apply_until"] = None
    said["occurred_at"] = (apply_until - 60 * DAY).isoformat()
    return kind.model_validate(said | more)


async def hear(pool: Pool, fact: Any) -> None:
    async with transaction(pool) as conn:
        await SUBSCRIPTIONS.handlers[fact.type](conn, fact)


async def test_a_measures_deadlines_are_set_moved_and_dropped(pool: Pool, said: Said) -> None:
    until = now().replace(microsecond=0) + 50 * DAY
    first = measure(MeasurePublished, until)
    await hear(pool, first)
    key = deadline_id(first.subject, "apply")
    await hear(pool, measure(MeasureChanged, until + DAY))
    await hear(pool, measure(MeasureCancelled, until + DAY))
    acts = [act for act, *_ in await said(f"deadline/{key}")]
    assert acts == ["set", "moved", "dropped"]
    other = deadline_id(first.subject, "allocate")
    assert (await said(f"deadline/{other}"))[0][0] == "set"


async def test_a_deadline_is_called_what_its_measure_is_called(
    pool: Pool, house: House, said: Said
) -> None:
    until = now().replace(microsecond=0) + 50 * DAY
    first = measure(MeasurePublished, until)
    await hear(pool, first)
    await hear(pool, measure(MeasureChanged, until, title="新しい題"))
    listed = (await house.anybody().get("/deadlines")).json["items"]
    assert [item["title"] for item in listed] == ["新しい題"] * 2
    async with transaction(pool) as conn:
        while await deadlines.turn(conn, now=until + DAY):
            pass
    await hear(pool, measure(MeasureChanged, until, title="もっと新しい題"))
    acts = [act for act, *_ in await said(f"deadline/{deadline_id(first.subject, 'apply')}")]
    assert acts[:2] == ["set", "moved"] and acts[-1] == "passed"


async def test_a_services_earlier_cut_off_is_a_deadline_of_its_own(pool: Pool) -> None:
    until = now().replace(microsecond=0) + 50 * DAY
    fact = measure(MeasurePublished, until)
    service = fact.entry.services[0].model_copy(update={"apply_until": until - 3 * DAY})
    entry = fact.entry.model_copy(update={"services": (service,)})
    marks = deadlines.marks_of(entry)
    assert [(m.what, m.falls_at) for m in marks][2:] == [("service", until - 3 * DAY)]
    late = service.model_copy(update={"apply_until": until + DAY})
    assert len(deadlines.marks_of(entry.model_copy(update={"services": (late,)}))) == 2


async def test_reminders_are_said_once_each_as_of_their_days(pool: Pool, said: Said) -> None:
    until = datetime(2024, 3, 31, 15, tzinfo=UTC)
    fact = measure(MeasurePublished, until)
    await hear(pool, fact)
    turned = True
    while turned:
        async with transaction(pool) as conn:
            turned = await deadlines.turn(conn, now=until + DAY) is not None
    facts = await said(f"deadline/{deadline_id(fact.subject, 'apply')}")
    assert [(act, at[:10]) for act, _, at in facts] == [
        ("set", "2024-01-31"),
        ("near", "2024-03-01"),
        ("near", "2024-03-24"),
        ("near", "2024-03-30"),
        ("passed", "2024-03-31"),
    ]


@given(st.integers(-40, 60), st.integers(0, 23))
def test_no_reminder_is_said_whose_day_is_over(days: int, hours: int) -> None:
    falls_at = datetime(2030, 1, 1, tzinfo=UTC)
    at = falls_at - timedelta(days=days, hours=hours)
    number, due_at = coming(falls_at, at)
    assert number in REMINDERS and due_at == falls_at - timedelta(days=number)
    assert due_at > at or number == 0
    made = Deadline(
        id=deadline_id("measure/x", "apply"),
        about="measure/x",
        what="apply",
        title="",
        organisation_id=deadline_id("o", "o"),
        payment_service_id=None,
        falls_at=falls_at,
        state=State.SET,
        next_days=number,
        due_at=due_at,
        revision=1,
    )
    said = []
    while made.state is State.SET:
        said.append(made.next_days)
        made = made.reminded()
    assert said == list(REMINDERS[REMINDERS.index(number) :])


@pytest.mark.parametrize(
    ("before", "more", "status"),
    [
        (4 * HOUR, {}, 409),
        (30 * HOUR, {}, 409),
        (40 * HOUR, {}, 201),
        (-HOUR, {}, 201),
        (4 * HOUR, {"deadlines_accepted": True}, 201),
        (4 * HOUR, {"system": "cloudsign", "functions": ["contract"]}, 201),
        (4 * HOUR, {"functions": ["status"]}, 201),
    ],
)
async def test_a_window_that_would_cover_a_deadline_is_refused_unless_that_is_accepted(
    pool: Pool, house: House, before: timedelta, more: dict[str, Any], status: int
) -> None:
    until = now().replace(microsecond=0) + 20 * DAY
    fact = measure(MeasurePublished, until)
    await hear(pool, fact)
    answer = await house.secretariat().post("/maintenance", body(until - before, **more))
    assert answer.status == status, answer.content
    if status == 409:
        assert answer.code == "deadline-covered" and answer.codes == {"deadline_covered"}
    elif "deadlines_accepted" in more:
        shown = (await house.anybody().get("/deadlines?limit=5")).json["items"][0]
        assert shown["maintenance"] == [answer.json["id"]]
        near = (await house.anybody().get(f"/deadlines?maintenance_id={answer.json['id']}")).json
        assert [d["about"] for d in near["items"]] == [fact.subject]


async def test_the_map_goes_on_where_a_page_ended(pool: Pool, house: House) -> None:
    await hear(pool, measure(MeasurePublished, now().replace(microsecond=0) + 20 * DAY))
    first = (await house.anybody().get("/deadlines?limit=1")).json
    rest = (await house.anybody().get(f"/deadlines?limit=1&after={first['next']}")).json
    assert [d["what"] for d in first["items"] + rest["items"]] == ["apply", "allocate"]
    assert rest["next"] is None
