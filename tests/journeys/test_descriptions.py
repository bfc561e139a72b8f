"""What the portal says of itself is valid. That it is true too is asked in each service's test_schema.py."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft7Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from tests.rig.stack import Stack
from tests.rig.story import Story

_ASYNCAPI = Path(__file__).parents[1] / "gateway/schemas/asyncapi-3.0.0.json"
_NOBODY = UUID("01900000-0000-7000-8000-00000000ffff")


@pytest.mark.parametrize(
    "copy", ["identity", "registry", "content", "scheduling", "notifications", "benefits"]
)
async def test_a_services_openapi_is_valid(stack: Stack, story: Story, copy: str) -> None:
    async with story.http.get(f"{stack.service_url(copy)}/openapi.json") as answer:
        document = await answer.json()
    assert document["openapi"].startswith("3.1")
    validate(document, cls=OpenAPIV31SpecValidator)


async def test_the_joined_openapi_is_valid_and_tells_what_can_be_reached(story: Story) -> None:
    document = (await story.visitor().get("/api/openapi.json")).expect(200).body
    validate(document, cls=OpenAPIV31SpecValidator)
    paths = set(document["paths"])
    assert not [path for path in paths if "/internal/" in path]
    for path in (
        "/api/v1/sessions",
        "/api/v1/identity/account-requests",
        "/api/v1/registry/registration/submit",
        "/api/v1/registry/changes",
        "/api/v1/notifications/letters",
    ):
        assert path in paths


async def test_every_read_of_the_joined_openapi_is_on_the_map(story: Story) -> None:
    document = (await story.visitor().get("/api/openapi.json")).expect(200).body
    lost = []
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        target = path.replace("{code}", "172031").replace("{number}", "1")
        while "{" in target:
            target = target[: target.index("{")] + str(_NOBODY) + target[target.index("}") + 1 :]
        answer = await story.visitor().get(target)
        if answer.code == "no-such-address" or answer.status >= 500:
            lost.append(f"{path}: {answer.status} {answer.code}")
    assert not lost, lost


async def test_the_asyncapi_document_is_valid_and_names_the_facts_people_hear(story: Story) -> None:
    document = (await story.visitor().get("/api/asyncapi.json")).expect(200).body
    schema = json.loads(_ASYNCAPI.read_text(encoding="utf-8"))
    errors = [error.message for error in Draft7Validator(schema).iter_errors(document)]
    assert errors == []
    told = json.dumps(document)
    for fact in ("registry.organisation.registered.v1", "identity.account.issued.v1"):
        assert fact in told
