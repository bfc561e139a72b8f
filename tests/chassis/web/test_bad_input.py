"""Whatever comes in: a 4xx problem with a stable code, and nothing changed."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from chassis.database import Pool, reading
from tests.chassis.web.conftest import Client

Post = Callable[..., Awaitable[Any]]

#: Twelve digits that pass the check of 個人番号, made for tests: nobody's.
CANARY = "123456789018"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body-unreadable"),
        (b"{", 400, "body-unreadable"),
        (b'"text"', 422, "fields-invalid"),
        (b"[]", 422, "fields-invalid"),
        (b'{"name":"a","name":"b"}', 400, "body-unreadable"),
        (b'{"name":"a","count":NaN}', 400, "body-unreadable"),
        (b'{"name":"a","count":1e400}', 422, "fields-invalid"),
        (b'{"name":"a","count":1.0}', 422, "fields-invalid"),
        (b'{"name":"a","count":true}', 422, "fields-invalid"),
        (b'{"name":"a","count":"1"}', 422, "fields-invalid"),
        (b'{"name":"a","count":9223372036854775808}', 422, "fields-invalid"),
        (b'{"name":"a","count":' + b"9" * 5000 + b"}", 400, "body-unreadable"),
        (b'{"name":"a","colour":"red"}', 422, "fields-invalid"),
        (b"{}", 422, "fields-invalid"),
        (b'{"name":""}', 422, "fields-invalid"),
        (b'{"name":"' + b"a" * 21 + b'"}', 422, "fields-invalid"),
        (b'{"name":"\\ud800"}', 422, "text-unusable"),
        (b'{"name":"\\u0000"}', 422, "text-unusable"),
        (b'{"name":"\\u202ea"}', 422, "text-unusable"),
        (b'{"name":"\xff\xfe"}', 400, "body-unreadable"),
        ("\ufeff{}".encode(), 400, "body-unreadable"),
        ('{"name":"箱"}'.encode("shift_jis"), 400, "body-unreadable"),
        (b"[" * 100_000, 400, "body-unreadable"),
        (b'{"name":' + b"[" * 60 + b"]" * 60 + b"}", 400, "body-too-deep"),
        (b'{"name":"' + b"a" * 300_000 + b'"}', 413, "body-too-large"),
        (f'{{"name":"{CANARY}"}}'.encode(), 422, "individual-number-refused"),
        (f'{{"name":"a","count":{CANARY}}}'.encode(), 422, "individual-number-refused"),
        (b'{"name":"1234-5678-9018"}', 422, "individual-number-refused"),
        ('{"name":"１２３４ ５６７８ ９０１８"}'.encode(), 422, "individual-number-refused"),
        (f'{{"{CANARY}":1}}'.encode(), 422, "individual-number-refused"),
        (f'{{"name":"111111111111 {CANARY}"}}'.encode(), 422, "individual-number-refused"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_named(
    post: Post, shop_pool: Pool, body: bytes, status: int, code: str
) -> None:
    answer = await post(f"/things/{uuid4()}", body)
    document = await answer.json()
    assert (answer.status, document["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert CANARY not in json.dumps(document)
    async with reading(shop_pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM things") == 0


async def test_each_wrong_field_is_named_with_what_to_do(post: Post) -> None:
    answer = await post(f"/things/{uuid4()}", {"count": 1001, "colour": "red"})
    errors = {e["field"]: e["detail"] for e in (await answer.json())["errors"]}
    assert errors["name"] == "入力してください。"
    assert errors["count"] == "1000以下にしてください。"
    assert "取り除いて" in errors["colour"]


async def test_ids_and_digests_are_no_individual_numbers(post: Post) -> None:
    # The last two are as long as such a number and fail its check, or are longer.
    for text in ("a" * 8 + CANARY, "x1234567890", "123456789012", f"{CANARY}1"):
        answer = await post(f"/things/{uuid4()}", {"name": text[:20]}, key=f"key-{text[:12]}")
        assert answer.status == 201


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 422, "parameters-invalid"),
        ("limit=101", 422, "parameters-invalid"),
        ("limit=１０１１", 422, "parameters-invalid"),
        ("limit=1&limit=2", 400, "parameter-doubled"),
        ("colour=red", 422, "parameters-invalid"),
        (f"q={CANARY}", 422, "individual-number-refused"),
        ("q=%00", 400, "text-unusable"),
        ("q=%ff%fe", 400, "text-unusable"),
        ("q=" + "a" * 51, 422, "parameters-invalid"),
    ],
)
async def test_a_query_that_cannot_be_taken_is_named(
    client: Client, query: str, status: int, code: str
) -> None:
    answer = await client.get(f"/api/v1/shop/things?{query}")
    assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_what_cannot_be_an_id_names_nothing(post: Post) -> None:
    answer = await post(f"/things/{CANARY}", {"name": "箱"})
    assert (answer.status, (await answer.json())["code"]) == (422, "individual-number-refused")
    for path in ("/things/1", "/things/%2e%2e", "/things/" + "a" * 300):
        answer = await post(path, {"name": "箱"})
        assert answer.status == 404


async def test_another_content_type_is_refused(post: Post) -> None:
    answer = await post(f"/things/{uuid4()}", b"{}", **{"Content-Type": "text/plain"})
    assert (answer.status, (await answer.json())["code"]) == (415, "content-type-unknown")


async def test_a_file_over_the_limit_is_refused_while_it_arrives(post: Post) -> None:
    answer = await post("/files", b"a" * 1001, **{"Content-Type": "text/csv"})
    assert (answer.status, (await answer.json())["code"]) == (413, "body-too-large")

    async def dripping() -> AsyncIterator[bytes]:
        # Of a length nobody was told.
        for _ in range(2):
            yield b"a" * 501

    answer = await post("/files", dripping(), key="key-0008", **{"Content-Type": "text/csv"})
    assert (answer.status, (await answer.json())["code"]) == (413, "body-too-large")
    answer = await post("/files", b"a,b", key="key-0009", **{"Content-Type": "text/csv"})
    assert answer.status == 204


async def test_unknown_addresses_and_methods_are_problems_too(client: Client) -> None:
    nothing = await client.get("/api/v1/shop/nothing")
    assert (nothing.status, (await nothing.json())["code"]) == (404, "not-found")
    method = await client.delete("/api/v1/shop/things")
    assert (method.status, (await method.json())["code"]) == (405, "method-not-allowed")
    assert "GET" in method.headers["Allow"]
