"""What is due happens once and at its instant, also when every copy that could do it is killed just then.

``PORTAL_KILLED="content scheduling"`` kills only these, and only around the first instant: how late it is then.
"""

import asyncio
import json
import os
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from chassis.clock import now
from tests.faults.lateness import resting, site, told, watching
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_SOME = os.environ.get("PORTAL_KILLED", "").split()
_COPIES = _SOME or ["content", "content-2", "scheduling", "scheduling-2", "gateway"]
_NOTICES = 4
_BETWEEN = timedelta(seconds=1)
#: So long before the instant planning begins; again, with more, where it took longer.
_AHEAD = (15, 60, 240)


async def _scheduled(desk: Visitor, title: str, at: datetime) -> str:
    words = {"title": title, "body": "決めた時刻に載ります。"}
    written = {"category": "programme", "audience": "public", "texts": {"ja": words}, "links": []}
    draft = (await desk.post("/api/v1/content/desk/notices", written)).expect(201)
    path = f"/api/v1/content/desk/notices/{draft.body['notice_id']}/schedule"
    await desk.post(path, {"publish_at": at.isoformat()}, if_match=draft.etag)
    return str(draft.body["notice_id"])


async def _window(desk: Visitor, at: datetime) -> str:
    plan = {
        "system": "portal",
        "functions": ["sign_up"],
        "starts_at": at.isoformat(),
        "ends_at": (at + timedelta(hours=1)).isoformat(),
        "impact": "参加の申込みができません。",
        "deadlines_accepted": True,
    }
    made = (await desk.post("/api/v1/scheduling/maintenance", plan)).expect(201)
    return str(made.body["id"])


async def _planned(desk: Visitor) -> tuple[datetime, list[str], str]:
    """Notices and a window that are still to come; a slow machine is given more time to plan them in."""
    for seconds in _AHEAD:
        due = (now() + timedelta(seconds=seconds)).replace(microsecond=0)
        dues = [due + n * _BETWEEN for n in range(_NOTICES)]
        notices = [await _scheduled(desk, f"時刻どおり{n}", at) for n, at in enumerate(dues)]
        window = await _window(desk, due)
        # By then the gateway has forgotten what it kept before anything of this was planned.
        if now() < due - 2 * _BETWEEN:
            return due, notices, window
    raise AssertionError("nothing could be planned in time")


async def _kill_around(stack: Stack, due: datetime) -> None:
    """Every copy just before and just after the first instant, then one after the other until the last is over."""
    for pause in (-0.05, 0.05):
        await asyncio.sleep((due - now()).total_seconds() + pause)
        for name in _COPIES:
            stack.kill(name)
    for name in [] if _SOME else _COPIES * 2:
        await asyncio.sleep(0.4)
        stack.kill(name)


async def _said(url: str, type_: str, subject: str) -> list[dict[str, Any]]:
    conn = await asyncpg.connect(url)
    rows = await conn.fetch(
        "SELECT convert_from(body, 'UTF8') AS body FROM events WHERE type = $1 AND subject = $2",
        type_,
        subject,
    )
    await conn.close()
    return [json.loads(row["body"]) for row in rows]


async def test_what_is_due_while_everybody_is_killed_happens_once_and_counts_from_its_instant(
    stack: Stack, story: Story, desk: Visitor
) -> None:
    due, notices, window = await _planned(desk)
    dues = [due + n * _BETWEEN for n in range(_NOTICES)]
    shown, rests = site(story.visitor()), resting(story.visitor())
    async with watching(shown, rests):
        await _kill_around(stack, due)
        await eventually(lambda: all(map(shown.shows, notices)) and rests.shows(window))
    wrong = sum(len(shown.wrong(notice, at)) for notice, at in zip(notices, dues, strict=True))
    late = [shown.late(notice, at) for notice, at in zip(notices, dues, strict=True)]
    print(f"\n{told('notices', late)}; {told('window', [rests.late(window, due)])}; {wrong} stale")  # noqa: T201
    content, scheduling = stack.database_url("content"), stack.database_url("scheduling")

    async def all_came() -> bool:
        said = [await _said(content, "content.notice.published.v1", f"notice/{n}") for n in notices]
        began = await _said(
            scheduling, "scheduling.maintenance.started.v1", f"maintenance/{window}"
        )
        return all(said) and bool(began)

    await eventually(all_came)
    for notice, at in zip(notices, dues, strict=True):
        [fact] = await _said(content, "content.notice.published.v1", f"notice/{notice}")
        assert datetime.fromisoformat(fact["notice"]["published_at"]) == at
    [began] = await _said(scheduling, "scheduling.maintenance.started.v1", f"maintenance/{window}")
    assert datetime.fromisoformat(began["occurred_at"]) == due

    async def finished() -> bool:
        path = f"/api/v1/scheduling/maintenance/{window}"
        found = await desk.get(path)
        done = await desk.post(f"{path}/finish", None, if_match=found.headers.get("ETag"))
        return found.status == 200 and done.status == 200

    await eventually(finished)
