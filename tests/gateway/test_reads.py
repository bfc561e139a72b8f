"""Public reads: from memory while that is true."""

import asyncio

from aiohttp import web

from chassis.broker.overhear import Overheard
from tests.gateway.conftest import OpenDoor
from tests.gateway.standin import StandIn

COUNTS = "/api/v1/registry/counts"
REGISTERED = Overheard("registry.organisation.registered.v1", b"{}")


async def test_a_public_read_is_asked_once_and_answered_from_memory(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    first = await opened.get(COUNTS)
    second = await opened.get(COUNTS)
    assert first.status == second.status == 200
    assert first.body == second.body
    assert len(stand_in.of(COUNTS)) == 1
    assert first.headers["cache-control"] == "public, no-cache"


async def test_a_kept_answer_is_not_sent_to_who_has_it(door: OpenDoor) -> None:
    opened = await door()
    first = await opened.get(COUNTS)
    again = await opened.get(COUNTS, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = await opened.get(COUNTS, If_None_Match=f'"x", W/{first.headers["etag"]}')
    assert other.status == 304
    assert (await opened.get(COUNTS, If_None_Match='"x"')).status == 200


async def test_a_fact_of_its_kind_drops_an_answer_and_others_do_not(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    await opened.get(COUNTS)
    opened.worker.hearing.fact(Overheard("notifications.letter.sent.v1", b"{}"))
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 1
    opened.worker.hearing.fact(REGISTERED)
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 2


async def test_while_nothing_is_heard_nothing_is_answered_from_memory(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    await opened.get(COUNTS)
    opened.worker.hearing.deaf()
    await opened.get(COUNTS)
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 3
    opened.worker.hearing.hears()
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 4


async def test_an_answer_asked_for_before_a_fact_is_not_kept_after_it(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        time = len(stand_in.of(COUNTS))
        asked.set()
        await go_on.wait()
        return web.json_response({"total": time})

    stand_in.scripts[COUNTS] = slowly
    before = asyncio.ensure_future(opened.get(COUNTS))
    await asked.wait()
    opened.worker.hearing.fact(REGISTERED)
    # Who asks after the fact does not share the answer from before it either.
    after = asyncio.ensure_future(opened.get(COUNTS))
    await asyncio.sleep(0.1)
    go_on.set()
    assert (await before).body == b'{"total": 1}'
    assert (await after).body == b'{"total": 2}'
    assert (await opened.get(COUNTS)).body == b'{"total": 2}'
    assert len(stand_in.of(COUNTS)) == 2


async def test_a_late_answer_does_not_come_to_stay(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        time = len(stand_in.of(COUNTS))
        asked.set()
        await go_on.wait()
        return web.json_response({"total": time})

    stand_in.scripts[COUNTS] = slowly
    late = asyncio.ensure_future(opened.get(COUNTS))
    await asked.wait()
    opened.worker.hearing.fact(REGISTERED)
    go_on.set()
    assert (await late).body == b'{"total": 1}'
    assert (await opened.get(COUNTS)).body == b'{"total": 2}'


async def test_equal_questions_at_once_are_asked_once(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    go_on = asyncio.Event()

    async def slowly(_: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({"total": 1})

    stand_in.scripts[COUNTS] = slowly
    asking = [asyncio.ensure_future(opened.get(COUNTS)) for _ in range(20)]
    await asyncio.sleep(0.2)
    go_on.set()
    answers = await asyncio.gather(*asking)
    assert {a.status for a in answers} == {200}
    assert len({a.headers["x-request-id"] for a in answers}) == 20
    assert len(stand_in.of(COUNTS)) == 1


async def test_what_went_wrong_is_not_kept(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    stand_in.say(COUNTS, 500, b"Traceback ...", Content_Type="text/plain")
    broken = await opened.get(COUNTS)
    assert broken.status == 502
    assert b"Traceback" not in broken.body
    stand_in.say(COUNTS, 200, b"{}", Content_Type="application/json")
    assert (await opened.get(COUNTS)).status == 200


async def test_an_answer_of_yesterday_is_asked_for_again(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    opened.stop_the_clock()
    await opened.get(COUNTS)
    opened.worker.doorway.moment.day += 1
    await opened.get(COUNTS)
    assert len(stand_in.of(COUNTS)) == 2


async def test_different_queries_are_different_answers(door: OpenDoor, stand_in: StandIn) -> None:
    opened = await door()
    await opened.get(COUNTS + "?as_of=2026-04-01")
    await opened.get(COUNTS + "?as_of=2026-04-02")
    await opened.get(COUNTS + "?as_of=2026-04-01")
    assert [a.target for a in stand_in.of(COUNTS)] == [
        COUNTS + "?as_of=2026-04-01",
        COUNTS + "?as_of=2026-04-02",
    ]


async def test_the_service_of_a_kept_answer_hears_nothing_of_who_asked(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened = await door()
    await opened.get(
        COUNTS, Accept="text/html", Accept_Language="en", If_None_Match='"x"', Cookie="a=b"
    )
    (asked,) = stand_in.of(COUNTS)
    assert asked.names == {"host", "x-request-id"}


async def test_what_is_planned_for_the_next_moment_waits_for_no_kept_answer(
    door: OpenDoor, stand_in: StandIn
) -> None:
    opened, notices = await door(), "/api/v1/content/notices"
    for path in (notices, COUNTS):
        assert (await opened.get(path)).status == 200
    cache, a_second_on = opened.worker.cache, opened.worker.edge.moment.read() + 1
    assert cache.find(COUNTS.encode(), a_second_on) is not None
    assert cache.find(notices.encode(), a_second_on) is None
