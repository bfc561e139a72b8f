"""A clock that jumps forward over what is due, and back again: each thing is said once, and none is skipped."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.database import Connection, Pool, transaction
from chassis.ids import new_id
from contracts.values import OrganisationKind
from services.scheduling.commands import deadlines, maintenance, seats, sessions
from services.scheduling.jobs import Timekeeper
from services.scheduling.model.deadline import REMINDERS, deadline_id, end_of
from services.scheduling.model.programme import Typed, programme_of
from tests.scheduling.asking import House
from tests.scheduling.conftest import Said
from tests.scheduling.test_maintenance import plan

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEGAN = datetime(2030, 1, 1, tzinfo=UTC)
#: Where the clock stands at each look, in days: it jumps over many instants, and back behind them.
_LOOKS = (1, 12.2, 3, 11, 13.1, 0, 40, 5, 100, 2, 100)
#: What a calendar of the programme holds: from when, how long, in days.
_WINDOWS = ((10, 0.3), (12, 0.5), (13, 0.5), (39.9, 0.5), (90, 1))
_OPEN, _CLOSED, _OVER = 11, 35, 50


#: What is to be said of each subject, and as of when.
Due = dict[str, list[tuple[str, datetime]]]


@dataclass(slots=True)
class Clock:
    """What time it is for every copy."""

    at: datetime = BEGAN

    def __call__(self) -> datetime:
        return self.at


async def _everything(pool: Pool) -> tuple[Due, list[str]]:
    """What is planned, as what is to be said of each subject and as of when; and the windows among it."""
    due: Due = {}
    async with transaction(pool) as conn:
        for start, lasts in _WINDOWS:
            begins, ends = BEGAN + start * DAY, BEGAN + (start + lasts) * DAY
            made = await maintenance.announce(
                conn, plan(begins, ends_at=ends), by="test", now=BEGAN
            )
            due[f"maintenance/{made.id}"] = [
                ("announced", BEGAN),
                ("started", begins),
                ("finished", ends),
            ]
        windows = list(due)
        for n in range(3):
            opens, closes, over = (BEGAN + (d + n) * DAY for d in (_OPEN, _CLOSED, _OVER))
            planned = await sessions.draft(
                conn, programme_of(_meeting(opens, closes, over)), now=BEGAN
            )
            await sessions.publish_session(conn, planned.id, version=None, now=BEGAN)
            due[f"session/{planned.id}"] = [
                ("published", BEGAN),
                ("opened", opens),
                ("closed", closes),
                ("held", over),
            ]
        due |= await _with_seats(conn)
        about, falls_at = "measure/clock", end_of((BEGAN + 45 * DAY).date())
        mark = deadlines.Mark("apply", falls_at)
        await deadlines.follow(
            conn, about, [mark], title="申込み", organisation_id=new_id(), now=BEGAN
        )
        due[f"deadline/{deadline_id(about, 'apply')}"] = [
            ("set", BEGAN),
            *(("near" if days else "passed", falls_at - days * DAY) for days in REMINDERS),
        ]
    return due, windows


async def _with_seats(conn: Connection) -> Due:
    """A session two have a seat in; they are reminded of it a day before."""
    closes, starts, over = (BEGAN + days * DAY for days in (40.2, 40.5, 40.5 + 2 / 24))
    planned = await sessions.draft(conn, programme_of(_meeting(BEGAN, closes, over)), now=BEGAN)
    await sessions.publish_session(conn, planned.id, version=None, now=BEGAN)
    for _ in range(2):
        opened = await sessions.as_of(conn, planned.id, BEGAN)
        who = {"organisation_id": new_id(), "member_id": new_id()}
        kind = OrganisationKind.PROVIDER
        await seats.sign_up(conn, opened, organisation_kind=kind, now=BEGAN, **who)
    signed_up, near = ("signed_up", BEGAN), ("reminded", starts - DAY)
    begun = [("published", BEGAN), ("opened", BEGAN), signed_up, signed_up, near, near]
    return {f"session/{planned.id}": [*begun, ("closed", closes), ("held", over)]}


def _meeting(opens: datetime, closes: datetime, over: datetime) -> Typed:
    return Typed(
        series="briefing_provider",
        fiscal_year=2029,
        title="説明会",
        audience="provider",
        precision="time",
        first_on=over.date(),
        starts_at=over - 2 * HOUR,
        ends_at=over,
        capacity=3,
        sign_up_from=opens,
        sign_up_until=closes,
    )


async def _all_look(copies: Sequence[Timekeeper]) -> None:
    """Every copy does what it finds due, until none finds any."""

    async def work(copy: Timekeeper) -> None:
        for job in (copy.windows, copy.sessions, copy.deadlines, copy.reminders):
            while await job():
                pass

    await asyncio.gather(*map(work, copies))


async def test_whatever_the_clock_does_each_thing_is_said_once_as_of_its_instant(
    pool: Pool, house: House, said: Said
) -> None:
    due, windows = await _everything(pool)
    clock, latest = Clock(), BEGAN
    copies: list[Timekeeper] = []
    for number, look in enumerate(_LOOKS):
        clock.at = BEGAN + look * DAY
        latest = max(latest, clock.at)
        # Now and then both copies are new ones, which have seen no earlier time.
        copies = copies if number % 2 else [Timekeeper(pool, clock=clock) for _ in range(2)]
        await _all_look(copies)
        for subject, planned in due.items():
            heard = [(act, datetime.fromisoformat(at)) for act, _, at in await said(subject)]
            assert heard == [(act, at) for act, at in planned if at <= latest], look
        told = (await house.anybody().get("/maintenance?state=open")).json["items"]
        under_way = {f"maintenance/{w['id']}" for w in told if w["state"] == "in_progress"}
        assert under_way == {s for s in windows if due[s][1][1] <= latest < due[s][2][1]}, look
    assert {len(await said(subject)) for subject in windows} == {3}
