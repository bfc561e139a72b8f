"""A maintenance window is its notice: announced, moved, cancelled, and never told twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from chassis.clock import now
from chassis.database import transaction
from contracts.registry import RegistrationSubmitted
from contracts.scheduling import MaintenanceAnnounced, MaintenanceCancelled, MaintenanceChanged
from services.content.commands.publication import act_when_due
from services.content.subscriptions import SUBSCRIPTIONS
from tests.content.asking import Desk


async def hear(desk: Desk, *facts: Any) -> None:
    for fact in facts:
        async with transaction(desk.pool) as conn:
            await SUBSCRIPTIONS.handlers[fact.type](conn, fact)


def window(days: float = 7, **more: Any) -> dict[str, Any]:
    starts_at = now() + timedelta(days=days)
    return {
        "maintenance_id": uuid4(),
        "revision": 1,
        "system": "cloudsign",
        "functions": ("contract",),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=8),
        **more,
    }


async def test_what_is_announced_can_be_read_and_a_change_stands_above_it(desk: Desk) -> None:
    planned = window(impact="契約書を<送れません>。")
    moved = planned | {"revision": 2, "starts_at": planned["starts_at"] + timedelta(days=1)}
    moved["ends_at"] += timedelta(days=1)
    await hear(desk, MaintenanceAnnounced(**planned))
    await hear(
        desk, MaintenanceChanged(**moved, changed=("starts_at",), note="1日後になりました。")
    )
    answer = (await desk.anybody().get("/notices?category=maintenance")).json
    above, below = answer["items"]
    assert above["amends"]["notice_id"] == below["notice_id"]
    assert above["title"] == "契約サービス（クラウドサイン）の保守の日程を変更します"
    read = (await desk.anybody().get(f"/notices/{above['notice_id']}")).json
    assert "1日後になりました。" in read["body"]
    assert read["maintenance_id"] == str(planned["maintenance_id"])
    original = (await desk.anybody().get(f"/notices/{below['notice_id']}")).json
    assert "契約書を＜送れません>。" in original["body"]


async def test_what_is_cancelled_is_told_to_those_who_were_told(desk: Desk) -> None:
    planned = window()
    await hear(desk, MaintenanceAnnounced(**planned))
    await hear(desk, MaintenanceCancelled(**planned | {"revision": 2}))
    above, _ = (await desk.anybody().get("/notices")).json["items"]
    assert above["amendment"] == "cancellation"
    said = [orjson.loads(f["body"]) for f in await desk.facts("content.notice")]
    assert said[1]["amends"] == said[0]["notice_id"]


@pytest.mark.parametrize(
    "schedule", [None, {"publish_at": (now() + timedelta(days=3)).isoformat()}, {}]
)
async def test_a_correction_somebody_is_writing_does_not_keep_readers_from_the_truth(
    desk: Desk, schedule: dict[str, str] | None
) -> None:
    planned = window()
    await hear(desk, MaintenanceAnnounced(**planned))
    [told] = (await desk.anybody().get("/notices")).json["items"]
    who, path = desk.secretariat(), f"/desk/notices/{told['notice_id']}/amendments"
    written = (await who.post(path, {})).json
    own = f"/desk/notices/{written['notice_id']}"
    if schedule is not None:
        put = await who.post(f"{own}/schedule", schedule, etag=written["version"])
        assert put.status == 200, put.json
    if schedule == {}:
        taken = {"reason": "まちがいでした。"}
        assert (await who.post(f"{own}/withdraw", taken, etag=put.json["version"])).status == 200
    await hear(desk, MaintenanceCancelled(**planned | {"revision": 2}))
    above, below = (await desk.anybody().get("/notices")).json["items"]
    assert (above["amendment"], below["amended_by"]["notice_id"]) == (
        "cancellation",
        above["notice_id"],
    )
    assert (await who.get(own)).json["state"] == ("withdrawn" if schedule == {} else "discarded")


async def test_a_window_far_off_is_told_three_weeks_before_it(desk: Desk) -> None:
    planned = window(days=60)
    await hear(desk, MaintenanceAnnounced(**planned))
    assert await desk.titles() == []
    sooner = planned | {"revision": 2, "impact": "短くなります。"}
    await hear(desk, MaintenanceChanged(**sooner, changed=("impact",)))
    async with transaction(desk.pool) as conn:
        assert await act_when_due(conn, now() + timedelta(days=40)) is True
    [fact] = [orjson.loads(f["body"]) for f in await desk.facts("content.notice")]
    assert fact["amends"] is None
    assert "短くなります。" in fact["notice"]["texts"]["ja"]["body"]


async def test_a_window_cancelled_before_anybody_was_told_is_no_news(desk: Desk) -> None:
    planned = window(days=60)
    await hear(desk, MaintenanceAnnounced(**planned))
    await hear(desk, MaintenanceCancelled(**planned | {"revision": 2}))
    async with transaction(desk.pool) as conn:
        assert await act_when_due(conn, now() + timedelta(days=40)) is False


async def test_a_window_of_the_past_has_its_notice_on_the_day_it_was_announced(desk: Desk) -> None:
    long_ago = now() - timedelta(days=1_000)
    planned = window(days=-990, occurred_at=long_ago)
    await hear(desk, MaintenanceAnnounced(**planned))
    [item] = (await desk.anybody().get("/notices")).json["items"]
    assert item["published_at"][:10] == long_ago.date().isoformat()
    assert item["is_new"] is False


async def test_a_registration_tells_which_guideline_was_accepted(desk: Desk) -> None:
    fact = RegistrationSubmitted(
        organisation_id=uuid4(),
        revision=1,
        reference="R5-P-0001",
        accepted_guideline="provider-guideline/2023-05-26",
    )
    await hear(desk, fact)
    kept = await desk.pool.fetchrow("SELECT slug, name::text AS name FROM acceptances")
    assert kept is not None
    assert dict(kept) == {"slug": "provider-guideline", "name": "2023-05-26"}
