"""A write happens once, wholly or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from chassis.database import Pool, reading
from tests.chassis.web.conftest import Client

Post = Callable[..., Awaitable[Any]]


async def counts(pool: Pool) -> dict[str, int]:
    async with reading(pool) as conn:
        return {
            table: await conn.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("things", "events", "outbox", "answers", "audit")
        }


async def test_a_write_leaves_state_fact_answer_and_audit_row_together(
    post: Post, shop_pool: Pool
) -> None:
    answer = await post(f"/things/{uuid4()}", {"name": "箱"})
    assert answer.status == 201
    assert await counts(shop_pool) == dict.fromkeys(
        ("things", "events", "outbox", "answers", "audit"), 1
    )


async def test_the_fact_carries_the_request_id_and_who_did_it(post: Post, shop_pool: Pool) -> None:
    answer = await post(f"/things/{uuid4()}", {"name": "箱"})
    async with reading(shop_pool) as conn:
        event = await conn.fetchrow("SELECT * FROM events")
        audit = await conn.fetchrow("SELECT * FROM audit")
    assert event is not None and audit is not None
    assert event["request_id"] == answer.headers["X-Request-Id"] == audit["request_id"]
    assert event["actor"] == audit["actor"] == "member/m-1"
    assert audit["action"] == "shop.make"
    assert audit["organisation_id"] == UUID(int=7)
    assert audit["subjects"] == [event["subject"]]


async def test_a_repeat_hears_the_same_bytes_and_changes_nothing(
    post: Post, shop_pool: Pool
) -> None:
    path = f"/things/{uuid4()}"
    first = await post(path, {"name": "箱"})
    again = await post(path, {"name": "箱"})
    assert (again.status, await again.read()) == (first.status, await first.read())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await counts(shop_pool))["events"] == 1


async def test_the_same_key_with_another_body_is_refused(post: Post, shop_pool: Pool) -> None:
    path = f"/things/{uuid4()}"
    await post(path, {"name": "箱"})
    answer = await post(path, {"name": "缶"})
    assert answer.status == 422
    assert (await answer.json())["code"] == "idempotency-key-reused"
    assert (await counts(shop_pool))["things"] == 1


async def test_copies_sent_at_once_have_one_effect_and_one_answer(
    post: Post, shop_pool: Pool
) -> None:
    path = f"/things/{uuid4()}"

    async def copy() -> Any:
        # On a slow machine one may be told that another is still under way.
        while (answer := await post(path, {"name": "箱"})).status == 409:
            assert (await answer.json())["code"] == "idempotency-key-in-flight"
        return answer

    answers = await asyncio.gather(*(copy() for _ in range(12)))
    assert {a.status for a in answers} == {201}
    assert len({await a.read() for a in answers}) == 1
    assert (await counts(shop_pool))["events"] == 1


async def test_two_keys_for_one_thing_are_two_deeds_and_the_second_is_refused(post: Post) -> None:
    path = f"/things/{uuid4()}"
    await post(path, {"name": "箱"})
    answer = await post(path, {"name": "箱"}, key="key-0002")
    assert answer.status == 409
    assert (await answer.json())["code"] == "thing-exists"


async def test_a_write_without_a_key_is_refused(post: Post, shop_pool: Pool) -> None:
    for bad in ("", "short", "x" * 200, "あいうえおかきくけこ"):
        answer = await post(f"/things/{uuid4()}", {"name": "箱"}, key=bad)
        assert (answer.status, (await answer.json())["code"]) == (400, "idempotency-key-missing")
    assert (await counts(shop_pool))["things"] == 0


async def test_a_stale_version_changes_nothing(post: Post, client: Client, token: Any) -> None:
    path = f"/things/{uuid4()}"
    await post(path, {"name": "箱"})

    async def put(etag: str | None, key: str, name: str) -> Any:
        headers = {"Authorization": f"Bearer {token()}", "Idempotency-Key": key}
        headers |= {"If-Match": etag} if etag else {}
        return await client.put(f"/api/v1/shop{path}", json={"name": name}, headers=headers)

    done = await put('"1"', "key-1001", "缶")
    assert (done.status, done.headers["ETag"]) == (200, '"2"')
    stale = await put('"1"', "key-1002", "皿")
    assert (stale.status, (await stale.json())["code"]) == (412, "thing-changed")
    assert (await put(None, "key-1003", "皿")).status == 428
    assert (await put("x", "key-1004", "皿")).status == 400


async def test_a_fault_leaves_nothing_and_says_nothing_of_the_inside(
    client: Client, shop_pool: Pool
) -> None:
    answer = await client.post("/api/v1/shop/break")
    text = await answer.text()
    assert answer.status == 500
    assert "the house" not in text and "Traceback" not in text
    assert (await answer.json())["request_id"] == answer.headers["X-Request-Id"]
    assert (await counts(shop_pool))["events"] == 0
