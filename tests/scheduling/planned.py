"""Sessions that tests plan."""

from datetime import timedelta
from typing import Any

from chassis.clock import JAPAN, now
from tests.scheduling.asking import Asker

HOUR = timedelta(hours=1)


def meeting(**more: Any) -> dict[str, Any]:
    """A meeting in ten days with three places, as it is sent."""
    start = (now() + timedelta(days=10)).astimezone(JAPAN).replace(hour=14, minute=0, second=0)
    start = start.replace(microsecond=0)
    given: dict[str, Any] = {
        "series": "working_group",
        "number": 1,
        "fiscal_year": 2026,
        "title": "実務検討会",
        "audience": "members",
        "precision": "time",
        "first_on": start.date().isoformat(),
        "starts_at": start.isoformat(),
        "ends_at": (start + 2 * HOUR).isoformat(),
        "link": "https://meeting.example/room",
        "capacity": 3,
        "sign_up_from": (now() - HOUR).isoformat(),
    }
    return given | more


async def drafted(desk: Asker, **more: Any) -> dict[str, Any]:
    """A draft."""
    made = await desk.post("/programme/sessions", meeting(**more))
    assert made.status == 201, made.content
    return dict(made.json)


async def published(desk: Asker, **more: Any) -> dict[str, Any]:
    """A session everybody can read of."""
    made = await drafted(desk, **more)
    path = f"/programme/sessions/{made['id']}"
    done = await desk.post(f"{path}/publish", etag=made["version"])
    assert done.status == 200, done.content
    return dict(done.json)
