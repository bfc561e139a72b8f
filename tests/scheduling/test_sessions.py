"""Sessions: from draft to archive, dates as exactly as they are known, and no edit once they are over."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import now
from chassis.database import Pool
from contracts.values import OrganisationKind
from services.scheduling import demo
from services.scheduling.jobs import Timekeeper
from services.scheduling.model.programme import Typed, programme_of
from services.scheduling.model.session import Precision, Session, State
from tests.scheduling.asking import House
from tests.scheduling.conftest import Said
from tests.scheduling.planned import HOUR, drafted, meeting, published


async def settle(pool: Pool) -> None:
    keeper = Timekeeper(pool)
    while await keeper.sessions():
        pass


async def test_a_draft_is_nobodys_business_until_it_is_published(house: House) -> None:
    desk = house.secretariat()
    made = await drafted(desk)
    assert (await house.anybody().get(f"/sessions/{made['id']}")).status == 404
    assert (await house.anybody().get("/sessions")).json["items"] == []
    await desk.post(f"/programme/sessions/{made['id']}/publish", etag=made["version"])
    seen = (await house.anybody().get(f"/sessions/{made['id']}")).json
    assert seen["title"] == "実務検討会" and seen["free"] == 3 and seen["online"]
    assert "link" not in seen


async def test_sign_up_opens_closes_and_the_session_is_held_as_of_its_own_instants(
    pool: Pool, house: House, said: Said
) -> None:
    at = datetime(2026, 1, 10, 5, tzinfo=UTC)
    made = await published(
        house.secretariat(),
        starts_at=at.isoformat(),
        ends_at=(at + 2 * HOUR).isoformat(),
        sign_up_from="2026-01-01T00:00:00Z",
        sign_up_until="2026-01-09T00:00:00Z",
    )
    await settle(pool)
    seen = (await house.anybody().get(f"/sessions/{made['id']}")).json
    assert seen["state"] == "held"
    facts = await said(f"session/{made['id']}")
    assert [(act, n) for act, n, _ in facts] == [
        ("published", 1),
        ("opened", 2),
        ("closed", 3),
        ("held", 4),
    ]


async def test_what_is_over_is_corrected_beside_and_not_edited(pool: Pool, house: House) -> None:
    desk = house.secretariat()
    day = {"precision": "day", "first_on": "2026-01-10", "starts_at": None, "ends_at": None}
    made = await published(desk, **day, capacity=None, sign_up_from=None, link="")
    await settle(pool)
    path = f"/programme/sessions/{made['id']}"
    now_held = (await desk.get(path)).json
    changed = meeting(**day, capacity=None, sign_up_from=None, title="別の会")
    refused = await desk.put(path, changed, etag=now_held["version"])
    assert (refused.status, refused.code) == (409, "session-state")
    with pytest.raises(Exception, match="stays as it was"):
        await pool.execute("UPDATE sessions SET title = '別の会'")
    noted = await desk.post(f"{path}/corrections", {"note": "参加は48団体でした。"})
    assert noted.status == 201, noted.content
    paper = {"title": "資料", "audience": "members", "address": "https://files.example/a.pdf"}
    assert (await desk.post(f"{path}/materials", paper)).status == 201
    seen = (await house.anybody().get(f"/sessions/{made['id']}")).json
    assert [c["note"] for c in seen["corrections"]] == ["参加は48団体でした。"]
    assert seen["materials"][0]["address"] is None
    member = house.member(OrganisationKind.PROVIDER)
    papers = (await member.get(f"/materials/{made['id']}")).json["items"]
    assert papers[0]["address"] == "https://files.example/a.pdf"
    assert (await house.anybody().get(f"/materials/{made['id']}")).status == 401


async def test_a_change_is_told_with_what_changed(house: House, said: Said, pool: Pool) -> None:
    desk = house.secretariat()
    made = await published(desk)
    path = f"/programme/sessions/{made['id']}"
    body = meeting(place="東京都千代田区", note="会場を決めました。")
    body |= {n: made[n] for n in ("sign_up_from", "sign_up_until", "starts_at", "ends_at")}
    changed = await desk.put(path, body, etag=made["version"])
    assert changed.status == 200, changed.content
    row = await pool.fetchval(
        "SELECT convert_from(body, 'UTF8')::jsonb -> 'changed' FROM events"
        " WHERE type LIKE '%session.changed%'"
    )
    assert row == '["place"]'
    same = await desk.put(path, body, etag=changed.json["version"])
    assert (same.status, same.code) == (422, "nothing-changed")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_before_start"),
        ({"starts_at": None}, "missing"),
        ({"title": "<b>会</b>"}, "markup_refused"),
        ({"title": "会\n議"}, "line_break"),
        ({"link": "javascript:alert(1)"}, "address_shape"),
        ({"link": "http://plain.example"}, "address_shape"),
        ({"video": "https://user@evil.example/"}, "address_shape"),
        ({"series": "party"}, "choice_unknown"),
        ({"sign_up_until": "2090-01-01T00:00:00Z"}, "too_late"),
        ({"sign_up_from": None}, "missing"),
        ({"precision": "range", "last_on": "2020-01-01"}, "ends_before_start"),
        ({"precision": "range", "last_on": "2099-01-01"}, "too_long"),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    house: House, more: dict[str, Any], code: str
) -> None:
    refused = await house.secretariat().post("/programme/sessions", meeting(**more))
    assert (refused.status, code in refused.codes) == (422, True), refused.content


async def test_a_number_is_given_once_a_year(house: House) -> None:
    desk = house.secretariat()
    await drafted(desk)
    again = await desk.post("/programme/sessions", meeting())
    assert (again.status, again.code) == (409, "session-number-taken")
    assert (await desk.post("/programme/sessions", meeting(fiscal_year=2027))).status == 201


def test_a_month_is_a_month_and_is_over_when_it_is() -> None:
    typed = Typed(
        "briefing_municipality", "説明会", "municipality", "month", date(2023, 2, 1), 2023
    )
    programme = programme_of(typed)
    assert (programme.when.first_on, programme.when.last_on) == (
        date(2023, 2, 1),
        date(2023, 2, 28),
    )
    assert programme.over_at == datetime(2023, 2, 28, 15, tzinfo=UTC)
    session = Session(uuid4(), programme, State.PUBLISHED, programme.over_at, None, 0, 1, 1)
    assert session.due(programme.over_at - timedelta(seconds=1)) is None
    assert session.due(programme.over_at) == (State.HELD, programme.over_at)
    assert programme.when.precision is Precision.MONTH


async def test_the_demo_holds_every_meeting_of_the_seed_once(pool: Pool, house: House) -> None:
    assert "20 sessions" in await demo.fill(pool, now=now())
    assert "0 sessions" in await demo.fill(pool, now=now())
    held = (await house.anybody().get("/sessions?state=held&limit=200")).json["items"]
    of = {
        series: [
            (s["fiscal_year"], s["number"], s["first_on"]) for s in held if s["series"] == series
        ]
        for series in {s["series"] for s in held}
    }
    assert len(of["working_group"]) == 9 and (2023, 4, "2023-12-14") in of["working_group"]
    assert [day for *_, day in of["sdk_subcommittee"]] == ["2022-07-15", "2022-10-07", "2023-01-27"]
    assert of["briefing_municipality"] == [
        (2022, None, "2022-08-01"),
        (2023, None, "2023-03-01"),
        (2023, None, "2023-06-01"),
    ]
    assert of["briefing_provider"] == [(2022, None, "2022-09-16"), (2022, None, "2023-01-25")]
    event = next(s for s in held if s["series"] == "event")
    assert (event["first_on"], event["last_on"], event["number"]) == ("2023-06-28", "2023-06-30", 3)
