"""The joined description, the description of facts, and the page that shows the first."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from aiohttp import web
from openapi_spec_validator import validate

from contracts import benefits, content, identity, notifications, registry, scheduling
from contracts.event import facts_of
from gateway.edge import asyncapi, openapi
from tests.gateway.conftest import OpenDoor
from tests.gateway.standin import StandIn

SCHEMA = Path(__file__).parent / "schemas" / "asyncapi-3.0.0.json"
VENDOR = Path(openapi.__file__).parent / "vendor"


def described(service: str, path: str, shape: dict[str, Any]) -> dict[str, Any]:
    """A small description of one service."""
    answer = {"schema": {"$ref": "#/components/schemas/Entry"}}
    done = {"200": {"description": "Done", "content": {"application/json": answer}}}

    def named(n: int) -> dict[str, Any]:
        return {"operationId": f"{service}.{n}", "responses": done}

    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1"},
        "paths": {
            f"/api/v1/{service}{path}": {"get": named(1), "delete": named(2)},
            f"/api/v1/{service}/not-on-the-map": {"get": named(3)},
            "/internal/facts": {"get": named(4)},
        },
        "components": {"schemas": {"Entry": shape}},
    }


def test_descriptions_are_joined_with_only_what_can_be_reached() -> None:
    joined = openapi.join(
        {
            "registry": described("registry", "/counts", {"type": "object"}),
            "identity": described("identity", "/me", {"type": "string"}),
        }
    )
    validate(joined)
    assert set(joined["paths"]) == {
        "/api/v1/identity/me",
        "/api/v1/registry/counts",
        "/api/v1/sessions",
        "/api/v1/sessions/current",
        "/api/v1/sessions/second-factor",
    }
    assert set(joined["paths"]["/api/v1/registry/counts"]) == {"get"}
    assert set(joined["paths"]["/api/v1/identity/me"]) == {"get", "delete"}


def test_a_name_two_services_use_differently_is_told_apart() -> None:
    joined = openapi.join(
        {
            "registry": described("registry", "/counts", {"type": "object"}),
            "identity": described("identity", "/me", {"type": "string"}),
        }
    )
    schemas = joined["components"]["schemas"]
    assert (schemas["Entry"], schemas["RegistryEntry"]) == ({"type": "string"}, {"type": "object"})
    content = joined["paths"]["/api/v1/registry/counts"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("/RegistryEntry")


async def test_the_joined_description_is_served_and_outlives_its_services(
    door: OpenDoor, stand_in: StandIn
) -> None:
    async def describe(request: web.BaseRequest) -> web.StreamResponse:
        service = request.headers["Host"]
        path = {
            "registry": "/counts",
            "identity": "/me",
            "scheduling": "/maintenance",
            "notifications": "/letters",
        }[service]
        return web.json_response(described(service, path, {"type": "object"}))

    stand_in.scripts["/openapi.json"] = describe
    opened = await door()
    first = await opened.get("/api/openapi.json")
    assert first.status == 200
    document = orjson.loads(first.body)
    validate(document)
    assert "/api/v1/notifications/letters" in document["paths"]
    again = await opened.get("/api/openapi.json", If_None_Match=first.headers["etag"])
    assert again.status == 304
    await stand_in.stop()
    await opened.worker.reference.refresh()
    assert (await opened.get("/api/openapi.json")).body == first.body


async def test_a_description_that_is_none_is_left_out(door: OpenDoor, stand_in: StandIn) -> None:
    stand_in.say("/openapi.json", 200, b"[1]", Content_Type="application/json")
    opened = await door()
    assert (await opened.get("/api/openapi.json")).status == 503
    assert (await opened.get("/api/v1/registry/counts")).status == 200


def test_the_description_of_facts_is_asyncapi_and_names_every_fact() -> None:
    document = asyncapi.describe()
    schema = json.loads(SCHEMA.read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft7Validator)
    said = {
        t
        for module in (benefits, content, identity, notifications, registry, scheduling)
        for t in facts_of(module)
    }
    assert set(document["components"]["messages"]) == said
    assert {m for c in document["channels"].values() for m in c["messages"]} == said
    references = [
        part["$ref"]
        for part in _parts(document)
        if isinstance(part.get("$ref"), str) and "/schemas/" in part["$ref"]
    ]
    assert references
    assert all(r.rsplit("/", 1)[1] in document["components"]["schemas"] for r in references)


def _parts(shape: Any) -> list[dict[str, Any]]:
    if isinstance(shape, list):
        return [found for part in shape for found in _parts(part)]
    if isinstance(shape, dict):
        return [shape, *(found for part in shape.values() for found in _parts(part))]
    return []


async def test_the_reader_may_make_its_worker_and_nothing_else_may(door: OpenDoor) -> None:
    opened = await door()
    page = await opened.get("/api/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "worker-src blob:" in policy
    assert "script-src 'self';" in policy
    script = await opened.get("/api/docs/redoc.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.body) > 500_000
    assert "blob:" not in (await opened.get("/")).headers["content-security-policy"]


def test_what_was_brought_along_is_what_was_published() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    assert {f["file"] for f in manifest["files"]} | {"manifest.json"} == {
        f.name for f in VENDOR.iterdir()
    }
    for file in manifest["files"]:
        assert hashlib.sha256((VENDOR / file["file"]).read_bytes()).hexdigest() == file["sha256"]
