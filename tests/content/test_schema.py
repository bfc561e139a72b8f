"""Content is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

import asyncio
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.values import OrganisationKind
from tests.content.asking import Desk

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def test_the_description_is_valid(full: Desk) -> None:
    async with full.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("kind", [OrganisationKind.SECRETARIAT, OrganisationKind.PROVIDER])
async def test_whatever_is_asked_is_answered_as_described(
    desk: Desk, kind: OrganisationKind, tmp_path: Path
) -> None:
    asker = desk.member(kind)
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [str(desk.client.make_url("/openapi.json"))]
    command += ["-H", f"Authorization: Bearer {asker.token}", "--checks", _CHECKS]
    command += ["--phases", "coverage,fuzzing", "--max-examples", "1", "--seed", "5"]
    command += ["--workers", "1", "--suppress-health-check", "all", "--no-color"]
    command += ["--generation-database", "none", "--mode", "all"]
    if kind is not OrganisationKind.SECRETARIAT:
        command += ["--include-path-regex", "/own/"]
    program = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    out, _ = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, out.decode()[-6000:]
