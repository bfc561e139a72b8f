"""What is wanted, and when it is told: the rules, and the database reckoning the same for many at once."""

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import JAPAN
from chassis.database import Connection
from chassis.refusal import Invalid, NotFound
from services.notifications.model.facets import Matching, matches, sorts_in, wanted
from services.notifications.model.reach import Reach, for_everybody
from services.notifications.model.timing import Frequency, QuietHours, held_until, window_end
from services.notifications.model.tokens import opened_token, token_of
from services.notifications.store.quiet import due

INSTANTS = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001
    datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0))
FACETS = st.sets(
    st.sampled_from(
        ["kind:measure", "kind:notice", "prefecture:13", "prefecture:17", "municipality:172031"]
    ),
    min_size=1,
)


def test_any_wants_one_and_all_wants_one_of_each_sort() -> None:
    asked = ["kind:measure", "prefecture:13", "prefecture:17"]
    here = ["kind:measure", "prefecture:17", "category:health"]
    assert matches(Matching.ALL, asked, here)
    assert not matches(Matching.ALL, asked, ["prefecture:17", "kind:notice"])
    assert matches(Matching.ANY, asked, ["prefecture:17", "kind:notice"])
    assert not matches(Matching.ANY, asked, ["prefecture:01"])


@given(facets=FACETS, said=FACETS)
def test_whoever_wants_all_of_something_would_be_told_of_any_of_it(
    facets: set[str], said: set[str]
) -> None:
    if matches(Matching.ALL, facets, said):
        assert matches(Matching.ANY, facets, said)


@pytest.mark.parametrize(
    "facet", ["prefecture:48", "kind:everything", "x:y", "municipality:17", "measure:' OR 1=1"]
)
def test_a_facet_nobody_knows_is_refused(facet: str) -> None:
    with pytest.raises(Invalid, match="facet-unknown"):
        wanted([facet])


def test_facets_are_kept_sorted_and_once() -> None:
    assert wanted(["kind:notice", "kind:measure", "kind:notice"]) == ["kind:measure", "kind:notice"]
    assert sorts_in(["kind:notice", "kind:measure", "system:portal"]) == 2


# ------------------------------------------------------------------ windows


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("frequency", "told", "end"),
    [
        (Frequency.DAILY, "2026-11-27T07:59:59", "2026-11-27T08:00"),
        (Frequency.DAILY, "2026-11-27T08:00:00", "2026-11-28T08:00"),
        (Frequency.DAILY, "2026-12-31T09:00:00", "2027-01-01T08:00"),
        (Frequency.WEEKLY, "2026-11-27T12:00:00", "2026-11-30T08:00"),
        (Frequency.WEEKLY, "2026-11-30T07:59:59", "2026-11-30T08:00"),
        (Frequency.WEEKLY, "2026-11-30T08:00:00", "2026-12-07T08:00"),
    ],
)
def test_windows_end_at_eight_in_japan(frequency: Frequency, told: str, end: str) -> None:
    assert window_end(frequency, at(told)) == at(end)


@given(told=INSTANTS, frequency=st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]))
def test_every_instant_lies_in_one_window_and_windows_touch(
    told: datetime, frequency: Frequency
) -> None:
    end = window_end(frequency, told)
    length = timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    assert told < end <= told + length
    assert window_end(frequency, end) == end + length
    assert window_end(frequency, end - timedelta(microseconds=1)) == end


# ------------------------------------------------------------------ quiet hours


@given(told=INSTANTS, begin=CLOCK, end=CLOCK)
def test_quiet_hours_hold_for_less_than_a_day_and_never_lose(
    told: datetime, begin: time, end: time
) -> None:
    if begin == end:
        return
    quiet = QuietHours(begin, end)
    goes = held_until(quiet, told)
    assert told <= goes < told + timedelta(days=1)
    assert not quiet.hold(goes.astimezone(JAPAN).time())
    assert held_until(quiet, goes) == goes
    assert held_until(quiet, told, urgent=True) == told
    assert held_until(None, told) == told


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=60,
    deadline=None,
)
@given(told=INSTANTS, begin=CLOCK, end=CLOCK, urgent=st.booleans())
async def test_the_database_holds_as_long_as_the_rule_says(
    conn: Connection, told: datetime, begin: time, end: time, urgent: bool
) -> None:
    if begin == end:
        return
    reckoned = await conn.fetchval(
        f"SELECT {due('$1', '$2::boolean')} FROM (SELECT $3::time AS quiet_from, $4::time AS quiet_until) c",
        told,
        urgent,
        begin,
        end,
    )
    assert reckoned == held_until(QuietHours(begin, end), told, urgent=urgent)


# ------------------------------------------------------------------ links and figures


def tag(text: str) -> bytes:
    return sha256(f"secret {text}".encode()).digest()


def test_a_link_opens_for_its_purpose_only_and_not_when_a_letter_is_changed() -> None:
    one = uuid4()
    token = token_of(tag, "stop", one)
    assert opened_token(tag, "stop", token) == one and len(token) == 44
    forged = token_of(tag, "stop", UUID(int=1))[:22] + token[22:]
    for wrong in (forged, token[:-2] + "AA", token_of(tag, "confirm", one), "x", ""):
        with pytest.raises(NotFound):
            opened_token(tag, "stop", wrong)


@given(delivered=st.integers(0, 300), failed=st.integers(0, 30), pending=st.integers(0, 30))
def test_what_everybody_sees_tells_nothing_about_fewer_than_ten(
    delivered: int, failed: int, pending: int
) -> None:
    reach = Reach(delivered, failed, pending)
    shown = for_everybody(reach)
    assert reach.intended == delivered + failed + pending
    small = [n for n in (delivered, failed, pending) if 0 < n < 10]
    told = [shown.delivered, shown.failed, shown.pending]
    assert not any(n is not None and 0 < n < 10 for n in told)
    if not small:
        assert told == [delivered, failed, pending] and shown.intended == reach.intended
    else:
        # Rounded to tens: what was left out cannot be reckoned from the rest.
        assert all(n is None or n % 10 == 0 for n in [*told, shown.intended])
