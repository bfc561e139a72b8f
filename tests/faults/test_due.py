"""What is due happens once and at its instant, also when every copy that could do it is killed just then.

``PORTAL_KILLED="content scheduling"`` kills only these, and only around the first instant: how late it is then.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from chassis.clock import now
from tests.faults.lateness import MEASURES, SIGN_UPS, resting, site, told, watching
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


async def _window(desk: Visitor, function: str, starts_at: datetime, ends_at: datetime) -> str:
    plan = {
        "system": "portal",
        "functions": [function],
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "impact": "メンテナンスのあいだは使えません。",
        "deadlines_accepted": True,
    }
    made = (await desk.post("/api/v1/scheduling/maintenance", plan)).expect(201)
    return str(made.body["id"])


@dataclass(frozen=True, slots=True)
class Planned:
    """What is due, from the first instant on: notices go up, one window begins, another has its end."""

    due: datetime
    notices: list[str]
    begins: str
    ends: str

    @property
    def dues(self) -> list[datetime]:
        """When each notice is due."""
        return [self.due + n * _BETWEEN for n in range(_NOTICES)]


async def _planned(desk: Visitor, stranger: Visitor) -> Planned:
    """Something that is still to come; a slow machine is given more time to plan it in."""
    for seconds in _AHEAD:
        due = (now() + timedelta(seconds=seconds)).replace(microsecond=0)
        dues = [due + n * _BETWEEN for n in range(_NOTICES)]
        notices = [await _scheduled(desk, f"時刻どおり{n}", at) for n, at in enumerate(dues)]
        begins = await _window(desk, "sign_up", due, due + timedelta(hours=1))
        ends = await _window(desk, "measure", due - timedelta(hours=1), due)
        rests = resting(stranger, MEASURES)
        # By then the gateway has forgotten what it kept before anything of this was planned.
        while now() < due - 2 * _BETWEEN:
            if ends in (await rests.look() or ()):
                return Planned(due, notices, begins, ends)
        await _over(desk, begins)
    raise AssertionError("nothing could be planned in time")


async def _over(desk: Visitor, window: str) -> None:
    """Have a window end that would last for an hour."""
    path = f"/api/v1/scheduling/maintenance/{window}"

    async def finished() -> bool:
        found = await desk.get(path)
        done = await desk.post(f"{path}/finish", None, if_match=found.headers.get("ETag"))
        return found.status == 200 and done.status == 200

    await eventually(finished, within=_AHEAD[-1])


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
    plan = await _planned(desk, story.visitor())
    shown, rests = site(story.visitor()), resting(story.visitor(), SIGN_UPS)
    back = resting(story.visitor(), MEASURES)
    async with watching(shown, rests, back):
        await _kill_around(stack, plan.due)
        await eventually(
            lambda: (
                all(map(shown.shows, plan.notices))
                and rests.shows(plan.begins)
                and back.shows(plan.ends, gone=True)
            )
        )
    pairs = list(zip(plan.notices, plan.dues, strict=True))
    wrong = sum(len(shown.wrong(notice, at)) for notice, at in pairs)
    late = [told("notices", [shown.late(notice, at) for notice, at in pairs])]
    late.append(told("window beginning", [rests.late(plan.begins, plan.due)]))
    late.append(told("window end", [back.late(plan.ends, plan.due, gone=True)]))
    print(f"\n{'; '.join(late)}; {wrong} stale")  # noqa: T201
    await _all_said_once(stack, plan)
    await _over(desk, plan.begins)


async def _all_said_once(stack: Stack, plan: Planned) -> None:
    """Each fact is there, alone, and as of its own instant."""
    content, scheduling = stack.database_url("content"), stack.database_url("scheduling")
    begun, over = (f"scheduling.maintenance.{act}.v1" for act in ("started", "finished"))
    expected = [
        *((content, "content.notice.published.v1", f"notice/{n}") for n in plan.notices),
        (scheduling, begun, f"maintenance/{plan.begins}"),
        (scheduling, over, f"maintenance/{plan.ends}"),
    ]

    async def all_came() -> bool:
        return all([await _said(*each) for each in expected])

    await eventually(all_came)
    for each, at in zip(expected, [*plan.dues, plan.due, plan.due], strict=True):
        [fact] = await _said(*each)
        since = fact["notice"]["published_at"] if "notice" in fact else fact["occurred_at"]
        assert datetime.fromisoformat(since) == at
