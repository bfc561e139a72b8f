"""The description is valid, complete, and hides what is internal."""

from typing import Any

from openapi_spec_validator import validate

from tests.chassis.web.conftest import Client


async def described(client: Client) -> Any:
    return await (await client.get("/openapi.json")).json()


async def test_the_description_is_valid_openapi(client: Client) -> None:
    validate(await described(client))


async def test_internal_routes_are_not_described(client: Client) -> None:
    assert not [p for p in (await described(client))["paths"] if "internal" in p]


async def test_writes_ask_for_their_headers(client: Client) -> None:
    operation = (await described(client))["paths"]["/api/v1/shop/things/{thing_id}"]["put"]
    names = {p["name"] for p in operation["parameters"]}
    assert names == {"thing_id", "Idempotency-Key", "If-Match"}
    assert operation["summary"] == "Call a thing something else."


async def test_a_list_that_did_not_change_is_not_sent_again(client: Client) -> None:
    first = await client.get("/api/v1/shop/things")
    again = await client.get(
        "/api/v1/shop/things", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (first.status, again.status, await again.read()) == (200, 304, b"")


async def test_health_tells_which_run_answers(client: Client) -> None:
    ready = await client.get("/readyz")
    assert (ready.status, (await ready.json())["run_id"]) == (200, "run-1")
    assert "http_request_seconds" in await (await client.get("/metrics")).text()
