"""Maintenance at the door: only what rests is refused, to the second, and reads go on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import web

from chassis.broker.overhear import Overheard
from chassis.clock import now
from contracts.scheduling import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceExtended,
    MaintenanceFact,
    MaintenanceFinished,
)
from gateway.edge.routes import ROUTES
from tests.gateway.conftest import OpenDoor, Opened
from tests.gateway.standin import Identity, StandIn

HOUR = timedelta(hours=1)
LIST = "/api/v1/scheduling/maintenance"
SUBMIT = "/api/v1/registry/registration/submit"
REGISTRATION = "/api/v1/registry/registration"


def said(
    kind: type[MaintenanceFact], start: datetime, end: datetime, **more: Any
) -> MaintenanceFact:
    """A fact about a window of the portal's registration."""
    given: dict[str, Any] = {
        "maintenance_id": UUID(int=7),
        "revision": 1,
        "system": "portal",
        "functions": ("register",),
        "starts_at": start,
        "ends_at": end,
        "impact": "登録申請ができません。",
    }
    return kind(**(given | more))


def hear(opened: Opened, fact: MaintenanceFact) -> None:
    opened.worker.hearing.fact(Overheard(fact.type, fact.model_dump_json().encode()))


def listed(*facts: MaintenanceFact) -> bytes:
    """What scheduling answers when it is asked."""
    items = [
        fact.model_dump(mode="json") | {"id": str(fact.maintenance_id), "version": fact.revision}
        for fact in facts
    ]
    return orjson.dumps({"items": items, "next": None})


@pytest.fixture
def cookie(identity: Identity) -> dict[str, str]:
    """A browser that is signed in."""
    return {"Cookie": f"__Host-machipo={identity.session()}"}


async def submit(opened: Opened, cookie: dict[str, str]) -> Any:
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
        "Origin": f"http://{opened.host}",
        **cookie,
    }
    return await opened.ask("POST", SUBMIT, b"{}", **headers)


async def test_a_window_refuses_what_rests_says_until_when_and_lets_all_else_pass(
    door: OpenDoor, stand_in: StandIn, cookie: dict[str, str]
) -> None:
    opened = await door()
    end = now().replace(microsecond=0) + HOUR
    hear(opened, said(MaintenanceAnnounced, now() - HOUR, end))
    refused = await submit(opened, cookie)
    assert refused.status == 503
    left = (end - now()).total_seconds()
    assert left <= int(refused.headers["retry-after"]) <= 3600
    problem = orjson.loads(refused.body)
    assert problem["code"] == "maintenance"
    assert datetime.fromisoformat(problem["ends_at"]) == end
    assert problem["page"] == f"/maintenance/{UUID(int=7)}"
    assert stand_in.of(SUBMIT) == []
    assert (await opened.ask("GET", REGISTRATION, **cookie)).status == 200
    assert (await opened.get("/api/v1/registry/counts")).status == 200
    asked = await opened.ask(
        "POST",
        "/api/v1/identity/links/check",
        b"{}",
        Content_Type="application/json",
        Idempotency_Key=str(uuid4()),
    )
    assert asked.status == 200


@pytest.mark.parametrize(
    ("kind", "start", "end", "more", "status"),
    [
        (MaintenanceAnnounced, HOUR, 2 * HOUR, {}, 200),
        (MaintenanceAnnounced, -2 * HOUR, -HOUR, {}, 200),
        (MaintenanceAnnounced, -HOUR, HOUR, {}, 503),
        (MaintenanceExtended, -2 * HOUR, -HOUR, {"end_is_estimate": True}, 503),
        (MaintenanceFinished, -2 * HOUR, HOUR, {}, 200),
        (MaintenanceCancelled, -2 * HOUR, HOUR, {}, 200),
        (MaintenanceAnnounced, -HOUR, HOUR, {"functions": ()}, 503),
        (MaintenanceAnnounced, -HOUR, HOUR, {"functions": ("apply",)}, 200),
        (MaintenanceAnnounced, -HOUR, HOUR, {"system": "cloudsign", "functions": ()}, 200),
        (MaintenanceAnnounced, -HOUR, HOUR, {"system": "provider:demo", "functions": ()}, 200),
        (MaintenanceAnnounced, -HOUR, HOUR, {"system": "identity", "functions": ()}, 200),
    ],
)
async def test_the_clock_and_the_last_word_decide(
    door: OpenDoor,
    cookie: dict[str, str],
    kind: type[MaintenanceFact],
    start: timedelta,
    end: timedelta,
    more: dict[str, Any],
    status: int,
) -> None:
    opened = await door()
    hear(opened, said(kind, now() + start, now() + end, **more))
    assert (await submit(opened, cookie)).status == status


async def test_a_later_word_counts_and_an_earlier_one_that_is_late_does_not(
    door: OpenDoor, cookie: dict[str, str]
) -> None:
    opened = await door()
    begun = said(MaintenanceAnnounced, now() - HOUR, now() + HOUR)
    hear(opened, said(MaintenanceFinished, now() - HOUR, now(), revision=3))
    hear(opened, begun)
    assert (await submit(opened, cookie)).status == 200


async def test_a_gateway_that_starts_within_a_window_has_learned_of_it(
    door: OpenDoor, stand_in: StandIn, cookie: dict[str, str], eventually: Any
) -> None:
    told = listed(said(MaintenanceAnnounced, now() - HOUR, now() + HOUR, revision=2))
    stand_in.say(LIST, 200, told, Content_Type="application/json")
    opened = await door(hearing=False)
    await eventually(lambda: opened.worker.hearing.windows.learned)
    assert (await submit(opened, cookie)).status == 503
    # Scheduling goes away: what is known stays.
    stand_in.say(LIST, 503, b"", Content_Type="text/plain")
    assert not await opened.worker.hearing.windows.learn()
    assert (await submit(opened, cookie)).status == 503
    # It says that it is over while nobody could listen.
    hear(opened, said(MaintenanceFinished, now() - HOUR, now(), revision=3))
    stand_in.say(LIST, 200, listed(), Content_Type="application/json")
    assert await opened.worker.hearing.windows.learn()
    assert (await submit(opened, cookie)).status == 200


async def test_what_was_ended_while_nobody_could_listen_rests_no_longer(
    door: OpenDoor, stand_in: StandIn, cookie: dict[str, str]
) -> None:
    opened = await door()
    windows = opened.worker.hearing.windows
    hear(opened, said(MaintenanceAnnounced, now() - HOUR, now() + HOUR))
    stand_in.say(LIST, 200, listed(), Content_Type="application/json")
    assert await windows.learn()
    assert (await submit(opened, cookie)).status == 200

    async def overtaken(_: web.BaseRequest) -> web.StreamResponse:
        """Announced after scheduling had looked, and heard of before its answer came."""
        hear(opened, said(MaintenanceAnnounced, now() - HOUR, now() + HOUR))
        return web.Response(body=listed(), content_type="application/json")

    stand_in.scripts[LIST] = overtaken
    assert await windows.learn()
    assert (await submit(opened, cookie)).status == 503


async def test_signing_in_rests_only_when_identity_does(door: OpenDoor) -> None:
    opened = await door()
    sign_in = (
        "POST",
        "/api/v1/sessions",
        orjson.dumps({"sign_in_id": "m172031-01", "password": "correct-horse-battery"}),
    )
    kind = {"Content-Type": "application/json", "Origin": f"http://{opened.host}"}
    hear(opened, said(MaintenanceAnnounced, now() - HOUR, now() + HOUR, functions=()))
    assert (await opened.ask(*sign_in, **kind)).status == 201
    other = said(
        MaintenanceAnnounced,
        now() - HOUR,
        now() + HOUR,
        system="identity",
        functions=(),
        maintenance_id=UUID(int=8),
    )
    hear(opened, other)
    assert (await opened.ask(*sign_in, **kind)).status == 503


def test_no_status_read_and_nothing_of_scheduling_ever_rests() -> None:
    for route in ROUTES:
        if route.service == "scheduling":
            assert route.function in ("", "sign_up"), route.prefix
