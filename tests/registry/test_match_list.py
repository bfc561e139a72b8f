"""The public list of matches: there while both sides stand in the register, and known then as it was known."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from chassis.clock import now, today
from services.registry.jobs import MatchKeeper
from tests.registry.asking import Asker, Desk
from tests.registry.covering import carry_now
from tests.registry.matching import Pair, pair


@pytest.fixture
async def two(desk: Desk) -> Pair:
    """Two sides that may be matched."""
    return await pair(desk)


async def _active(two: Pair) -> str:
    """A match a contract carries, in the list."""
    pool, own = two.desk.pool, two.municipality.organisation_id
    assert own
    carried = await carry_now(pool, own, "nagisa-money", year=two.year)
    assert await MatchKeeper(pool).turn()
    return str(carried.match_id)


async def _stand(two: Pair, whose: Asker, act: str, on: date) -> None:
    reviewer, path = two.desk.secretariat(), f"/registrations/{whose.organisation_id}"
    body = {"reason": "届け出のため", "effective_on": str(on)}
    answer = await reviewer.post(f"{path}/{act}", body, etag=await reviewer.version(path))
    assert answer.status == 200, answer.content


async def _listed(two: Pair, on: date, known_at: str = "") -> list[str]:
    """The matches of the list on a day; every way of asking answers the same."""
    reader, then = two.desk.anybody(), f"&known_at={quote(known_at)}" if known_at else ""
    page = (await reader.get(f"/matches?as_of={on}{then}")).json
    file = (await reader.get(f"/matches.json?as_of={on}{then}")).json
    assert file["items"] == page["items"] and file["total"] == page["total"] == len(page["items"])
    if not known_at:
        counts = (await reader.get(f"/counts?as_of={on}")).json["lists"]
        assert [c["total"] for c in counts if c["name"] == "matches"] == [page["total"]]
    return [item["match_id"] for item in page["items"]]


@pytest.mark.parametrize("side", ["municipality", "provider"])
async def test_a_match_is_out_of_the_list_while_a_side_rests_and_is_back_with_it(
    two: Pair, side: str
) -> None:
    match_id, whose = await _active(two), getattr(two, side)
    first, back = today() + timedelta(days=2), today() + timedelta(days=5)
    before = now().isoformat()
    await _stand(two, whose, "suspend", first)
    assert await _listed(two, first - timedelta(days=1)) == [match_id]
    assert await _listed(two, first) == await _listed(two, back) == []
    assert await _listed(two, first, known_at=before) == [match_id], "as it was known before"
    resting = now().isoformat()
    await _stand(two, whose, "resume", back)
    assert await _listed(two, back - timedelta(days=1)) == []
    assert await _listed(two, back) == [match_id]
    assert await _listed(two, back, known_at=resting) == [], "as it was known meanwhile"
    assert (await two.municipality.get(f"/own-matches/{match_id}")).json["state"] == "active"


async def test_a_match_whose_two_sides_rest_is_back_when_both_are(two: Pair) -> None:
    match_id = await _active(two)
    days = [today() + timedelta(days=n) for n in range(4)]
    await _stand(two, two.provider, "suspend", days[0])
    await _stand(two, two.municipality, "suspend", days[1])
    await _stand(two, two.provider, "resume", days[2])
    await _stand(two, two.municipality, "resume", days[3])
    assert [await _listed(two, day) for day in days] == [[], [], [], [match_id]]


async def test_a_match_that_begins_while_a_side_rests_is_listed_when_it_is_back(two: Pair) -> None:
    back = today() + timedelta(days=1)
    await _stand(two, two.provider, "suspend", today())
    match_id = await _active(two)
    assert await _listed(two, today()) == []
    await _stand(two, two.provider, "resume", back)
    assert await _listed(two, back) == [match_id]


async def test_a_match_of_who_will_leave_is_listed_until_then_though_no_job_has_looked(
    two: Pair,
) -> None:
    match_id, leaves = await _active(two), today() + timedelta(days=4)
    await _stand(two, two.provider, "withdraw", leaves)
    assert await _listed(two, leaves - timedelta(days=1)) == [match_id]
    assert await _listed(two, leaves) == []
