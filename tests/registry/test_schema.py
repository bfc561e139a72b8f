"""The registry is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

import asyncio
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from contracts.values import OrganisationKind
from tests.registry.asking import Asker, Desk

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

#: Long polls take their time, and names of files make addresses longer than any server reads.
_NOT_ASKED = "/changes$|/documents$"
_OWN = "/registry/(registration/|registration$|organisation$|participation/|change-requests(/own)?$|own-)"


async def _as(full: Desk, who: str) -> Asker:
    if who == "secretariat":
        return full.secretariat()
    kind = OrganisationKind(who)
    code = "011002" if kind is OrganisationKind.MUNICIPALITY else "6901700000011"
    return await full.applicant(kind, code=code, name="問いかける団体")


async def test_the_description_is_valid(full: Desk) -> None:
    async with full.client.get("/openapi.json") as answer:
        validate(await answer.json())


@pytest.mark.parametrize("who", ["secretariat", "provider"])
async def test_whatever_is_asked_is_answered_as_described(
    full: Desk, who: str, tmp_path: Path
) -> None:
    asker = await _as(full, who)
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [str(full.client.make_url("/openapi.json"))]
    command += ["-H", f"Authorization: Bearer {asker.token}", "--checks", _CHECKS]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--seed", "5"]
    command += ["--workers", "1", "--suppress-health-check", "all", "--no-color"]
    command += ["--generation-database", "none", "--mode", "all"]
    command += ["--exclude-path-regex", _NOT_ASKED]
    if who != "secretariat":
        command += ["--include-path-regex", _OWN]
    program = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    out, _ = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, out.decode()[-6000:]
