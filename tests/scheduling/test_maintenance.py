"""Maintenance windows: said, corrected, begun and ended at their own instants, once among many copies."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from chassis.clock import JAPAN, now
from chassis.database import Pool, transaction
from chassis.paging import cursor_of
from chassis.refusal import Conflict, Invalid
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.scheduling import demo
from services.scheduling.commands import maintenance
from services.scheduling.jobs import Timekeeper
from services.scheduling.model.maintenance import Plan, State, Window
from services.scheduling.model.recurrence import occurrences
from tests.scheduling.asking import House
from tests.scheduling.conftest import Said

HOUR = timedelta(hours=1)


def plan(start: datetime, hours: int = 8, **more: Any) -> Plan:
    """A night of ours."""
    given: dict[str, Any] = {
        "system": "application",
        "functions": ("apply", "allocate"),
        "starts_at": start,
        "ends_at": start + hours * HOUR,
        "end_is_estimate": False,
        "impact": "申込みと受け取り先の決定ができません。",
    }
    return Plan(**(given | more))


def body(start: datetime, **more: Any) -> dict[str, Any]:
    """The same as it is sent."""
    made = plan(start)
    given: dict[str, Any] = {
        "system": made.system,
        "functions": list(made.functions),
        "starts_at": made.starts_at.isoformat(),
        "ends_at": made.ends_at.isoformat(),
        "impact": made.impact,
    }
    return given | more


async def announced(pool: Pool, made: Plan, at: datetime) -> Window:
    async with transaction(pool) as conn:
        return await maintenance.announce(conn, made, by="test", now=at)


async def test_a_window_is_one_thing_with_all_its_editions(house: House, said: Said) -> None:
    desk, start = house.secretariat(), now() + 48 * HOUR
    made = await desk.post("/maintenance", body(start))
    assert made.status == 201, made.content
    path = f"/maintenance/{made.json['id']}"
    later = start + HOUR
    changed = await desk.put(path, body(later, note="1時間遅らせます。"), etag=made.json["version"])
    assert changed.status == 200, changed.content
    again = await desk.put(path, body(start), etag=made.json["version"])
    assert (again.status, again.code) == (412, "version-stale")
    seen = (await house.anybody().get(path)).json
    assert [e["act"] for e in seen["editions"]] == ["announced", "changed"]
    assert seen["editions"][1]["note"] == "1時間遅らせます。"
    assert set(seen["editions"][1]["changed"]) == {"starts_at", "ends_at"}
    assert seen["state"] == "changed" and seen["version"] == 2
    facts = await said(f"maintenance/{made.json['id']}")
    assert [(act, revision) for act, revision, _ in facts] == [("announced", 1), ("changed", 2)]


async def test_a_window_begins_and_ends_as_of_its_own_instants_however_late_one_looks(
    pool: Pool, said: Said
) -> None:
    start = datetime(2023, 7, 24, 13, tzinfo=UTC)
    window = await announced(pool, plan(start), datetime(2023, 7, 10, 1, tzinfo=UTC))
    keeper = Timekeeper(pool)
    while await keeper.windows():
        pass
    assert await said(f"maintenance/{window.id}") == [
        ("announced", 1, "2023-07-10T01:00:00Z"),
        ("started", 2, "2023-07-24T13:00:00Z"),
        ("finished", 3, "2023-07-24T21:00:00Z"),
    ]


async def test_many_copies_let_each_window_begin_once(pool: Pool, said: Said) -> None:
    start = now() - HOUR
    made = [await announced(pool, plan(start, 8), start - HOUR) for _ in range(12)]
    copies = [Timekeeper(pool) for _ in range(5)]

    async def work(copy: Timekeeper) -> None:
        while await copy.windows():
            pass

    await asyncio.gather(*(work(copy) for copy in copies))
    for window in made:
        assert [act for act, *_ in await said(f"maintenance/{window.id}")] == [
            "announced",
            "started",
        ]


async def test_an_estimated_end_lasts_until_somebody_says_so(pool: Pool, house: House) -> None:
    start = now() - 10 * HOUR
    window = await announced(pool, plan(start, 1, end_is_estimate=True), start - HOUR)
    keeper = Timekeeper(pool)
    while await keeper.windows():
        pass
    path, desk = f"/maintenance/{window.id}", house.secretariat()
    assert (await desk.get(path)).json["state"] == "in_progress"
    until = (now() + HOUR).isoformat()
    longer = await desk.post(
        f"{path}/extend", {"ends_at": until, "note": "長引いています。"}, etag=2
    )
    assert longer.json["state"] == "extended", longer.content
    over = await desk.post(f"{path}/finish", etag=3)
    assert over.json["state"] == "finished"
    assert over.json["ends_at"] < until
    late = await desk.post(f"{path}/finish", etag=4)
    assert (late.status, late.code) == (409, "maintenance-state")


async def test_what_has_begun_is_neither_changed_nor_cancelled(pool: Pool, house: House) -> None:
    start = now() - timedelta(seconds=1)
    window = await announced(pool, plan(start), start - HOUR)
    path, desk = f"/maintenance/{window.id}", house.secretariat()
    # The job has not come by yet: time counts all the same.
    assert (await desk.put(path, body(now() + HOUR), etag=1)).status == 409
    assert (await desk.post(f"{path}/cancel", {"note": ""}, etag=1)).status == 409


async def test_the_monthly_night_becomes_windows_of_their_own(house: House) -> None:
    desk, start = house.secretariat(), datetime(now().year + 1, 1, 12, 13, tzinfo=UTC)
    start += timedelta(days=(1 - start.weekday()) % 7)
    day = (start + 9 * HOUR).day
    rule = f"FREQ=MONTHLY;BYDAY={(day - 1) // 7 + 1}TU;COUNT=3"
    made = await desk.post("/maintenance/series", body(start, rule=rule))
    assert made.status == 201, made.content
    assert len({w["series_id"] for w in made.json["items"]}) == 1
    days = [datetime.fromisoformat(w["starts_at"]) + 9 * HOUR for w in made.json["items"]]
    assert [d.weekday() for d in days] == [1, 1, 1] and len({d.month for d in days}) == 3
    first = made.json["items"][0]
    gone = await desk.post(f"/maintenance/{first['id']}/cancel", {"note": "中止"}, etag=1)
    assert gone.json["state"] == "cancelled"
    still = (await desk.get("/maintenance?state=open")).json["items"]
    assert [w["id"] for w in still] == [w["id"] for w in made.json["items"][1:]]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"rule": "FREQ=MONTHLY"}, "rule_endless"),
        ({"rule": "FREQ=SECONDLY;COUNT=3"}, "rule_shape"),
        ({"rule": "FREQ=WEEKLY;COUNT=4000"}, "rule_too_long"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=3;COUNT=2"}, "rule_shape"),
        ({"rule": "FREQ=MONTHLY;COUNT=0"}, "rule_misses_start"),
        ({"rule": "いつも"}, "rule_shape"),
        # Rules that fit no day: whoever looks for their first time looks for ever.
        ({"rule": "FREQ=WEEKLY;INTERVAL=0;COUNT=3"}, "rule_shape"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=99;COUNT=3"}, "rule_shape"),
        ({"rule": "FREQ=MONTHLY;BYDAY=99MO;COUNT=3"}, "rule_shape"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=30;BYSETPOS=2;COUNT=3"}, "rule_misses_start"),
        ({"rule": "FREQ=WEEKLY;COUNT=-1"}, "rule_misses_start"),
        ({"rule": "FREQ=WEEKLY;COUNT=2", "zone": "Asia/Atlantis"}, "zone_unknown"),
        ({"rule": "FREQ=WEEKLY;COUNT=2", "zone": "../etc/passwd"}, "zone_unknown"),
    ],
)
async def test_a_rule_that_never_ends_or_is_none_is_refused(
    house: House, more: dict[str, str], code: str
) -> None:
    start = now() + 48 * HOUR
    refused = await house.secretariat().post("/maintenance/series", body(start, **more))
    assert (refused.status, refused.codes) == (422, {code}), refused.content


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        # The third Tuesday begins at 17:00 UTC of the Monday before.
        ("FREQ=WEEKLY;UNTIL=20270118T170000Z", [5, 12, 19]),
        ("FREQ=WEEKLY;UNTIL=20270118T165959Z", [5, 12]),
        ("FREQ=WEEKLY;UNTIL=20270119T020000", [5, 12, 19]),
        ("FREQ=WEEKLY;UNTIL=20270119", [5, 12, 19]),
        ("FREQ=MONTHLY;BYDAY=1TU,-1SU;COUNT=2", [5, 31]),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,-1;COUNT=2", [5, 26]),
        ("FREQ=MONTHLY;BYMONTHDAY=5,-1;COUNT=2", [5, 31]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;COUNT=3", [5, 18, 19]),
    ],
)
def test_a_rule_is_written_out_on_the_clock_of_its_zone(rule: str, days: list[int]) -> None:
    first = datetime(2027, 1, 4, 17, tzinfo=UTC)
    there = [at.astimezone(JAPAN) for at in occurrences(rule, first)]
    assert [(at.month, at.day, at.hour) for at in there] == [(1, day, 2) for day in days]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"system": "mainframe"}, "system_unknown"),
        ({"system": "provider:"}, "system_unknown"),
        ({"functions": ["search"]}, "function_unknown"),
        ({"impact": "<script>alert(1)</script>"}, "markup_refused"),
        ({"impact": " "}, "missing"),
        ({"ends_at": "2020-01-01T00:00:00+09:00"}, "ends_before_start"),
        ({"ends_at": "2090-01-01T00:00:00+09:00"}, "too_long"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(
    house: House, more: dict[str, Any], code: str
) -> None:
    refused = await house.secretariat().post("/maintenance", body(now() + 48 * HOUR, **more))
    assert (refused.status, refused.codes) == (422, {code}), refused.content
    naive = await house.secretariat().post(
        "/maintenance", body(now() + HOUR, starts_at="2030-01-01T00:00:00")
    )
    assert naive.status == 422


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-09:00"])
async def test_instants_at_the_ends_of_the_calendar_are_refused_wherever_they_stand(
    house: House, instant: str
) -> None:
    desk, asked = house.secretariat(), quote(instant)
    planned = await desk.post("/maintenance", body(now() + HOUR, ends_at=instant))
    read = [await desk.get(f"/deadlines?{name}={asked}") for name in ("since", "until")]
    for refused in (planned, *read):
        assert (refused.status, refused.codes) == (422, {"instant_too_far"})
    place = cursor_of(instant, str(uuid4()))
    assert (await desk.get(f"/maintenance?after={place}")).code == "cursor-unknown"


async def test_only_editors_of_the_secretariat_plan(house: House) -> None:
    start = now() + 48 * HOUR
    for asker in (
        house.member(OrganisationKind.PROVIDER),
        house.secretariat(Role.VIEWER),
    ):
        assert (await asker.post("/maintenance", body(start))).status == 403
    assert (await house.anybody().post("/maintenance", body(start))).status == 401


async def test_the_database_lets_no_window_go_where_it_may_not(pool: Pool) -> None:
    window = await announced(pool, plan(now() + 48 * HOUR), now())
    with pytest.raises(Exception, match="a window cannot go from announced to finished"):
        await pool.execute(
            "UPDATE maintenance_windows SET state = 'finished', revision = 2 WHERE id = $1",
            window.id,
        )
    with pytest.raises(Exception, match="stays as it is"):
        await pool.execute("UPDATE maintenance_editions SET note = 'x'")


async def test_the_list_goes_on_where_a_page_ended(house: House) -> None:
    desk = house.secretariat()
    for n in range(5):
        assert (await desk.post("/maintenance", body(now() + (48 + n) * HOUR))).status == 201
    first = (await house.anybody().get("/maintenance?limit=3")).json
    rest = (await house.anybody().get(f"/maintenance?limit=3&after={first['next']}")).json
    ids = [w["id"] for w in first["items"] + rest["items"]]
    assert len(set(ids)) == 5
    assert rest["next"] is None
    lost = await house.anybody().get("/maintenance?after=WyJhIiwgImIiXQ")
    assert (lost.status, lost.code) == (400, "cursor-unknown")


async def test_the_demo_holds_every_window_of_the_seed_once(pool: Pool, house: House) -> None:
    assert "19 maintenance windows" in await demo.fill(pool, now=now())
    assert "0 maintenance windows" in await demo.fill(pool, now=now())
    over = (await house.anybody().get("/maintenance?state=over&limit=200")).json["items"]
    assert len(over) == 12
    announced_on = {w["announced_at"][:10] for w in over if w["system"] == "cloudsign"}
    assert {"2022-11-15", "2023-10-16", "2023-06-05"} <= announced_on
    moved = next(w for w in over if w["announced_at"].startswith("2023-06-05"))
    editions = (await house.anybody().get(f"/maintenance/{moved['id']}")).json["editions"]
    assert [(e["act"], e["at"][:10]) for e in editions][:2] == [
        ("announced", "2023-06-05"),
        ("changed", "2023-06-06"),
    ]


def test_a_window_is_extended_only_while_it_lasts() -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    made = plan(at)
    window = Window(
        id=uuid4(),
        series_id=None,
        plan=made,
        state=State.ANNOUNCED,
        state_since=at - HOUR,
        announced_at=at - HOUR,
        revision=1,
    )
    with pytest.raises(Conflict):
        window.extended(at + 9 * HOUR, estimate=False, now=at)
    begun = window.started()
    with pytest.raises(Invalid):
        begun.extended(at - HOUR, estimate=False, now=at)
    assert begun.extended(at + 9 * HOUR, estimate=True, now=at).plan.end_is_estimate
