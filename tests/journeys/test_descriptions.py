"""What the services say of themselves is valid, and true whatever they are asked."""

import asyncio
import json
import sys
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft7Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from chassis.access import Keys
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from tests.rig.stack import Stack
from tests.rig.story import Story

_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance,unsupported_method"
)
_ASYNCAPI = Path(__file__).parents[1] / "gateway/schemas/asyncapi-3.0.0.json"
_NOBODY = UUID("01900000-0000-7000-8000-00000000ffff")


def _token(stack: Stack, kind: OrganisationKind) -> str:
    """A token of somebody who may do everything, in an organisation that owns nothing."""
    principal = Principal(
        kind="member",
        subject=str(_NOBODY),
        organisation_id=_NOBODY,
        organisation_kind=kind,
        roles=frozenset(Role),
        amr=("pwd", "otp"),
    )
    return Keys("identity", *stack.keys("identity")).sign(principal, seconds=600)


# Identity is asked in tests/identity/test_schema.py, with a database of its own.
@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        ("notifications", OrganisationKind.SECRETARIAT),
        ("registry-2", OrganisationKind.PROVIDER),
        ("registry-3", OrganisationKind.SECRETARIAT),
    ],
)
async def test_whatever_is_asked_is_answered_as_described(
    stack: Stack, copy: str, kind: OrganisationKind
) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [f"{stack.service_url(copy)}/openapi.json"]
    command += ["-H", f"Authorization: Bearer {_token(stack, kind)}"]
    command += ["--exclude-path-regex", "^/internal", "--checks", _CHECKS, "--mode", "all"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--seed", "5"]
    command += ["--workers", "1", "--suppress-health-check", "all", "--no-color"]
    command += ["--generation-database", "none", "--request-timeout", "20"]
    program = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, out.decode()[-6000:]


@pytest.mark.parametrize("copy", ["identity", "registry", "notifications"])
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
