"""Identity is what its OpenAPI document says, whatever it is asked: schemathesis makes the questions."""

import asyncio
import sys
from pathlib import Path

from tests.identity.house import House, Person

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def test_whatever_is_asked_is_answered_as_described(house: House, desk: Person) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run"]
    command += [str(house.client.make_url("/openapi.json"))]
    command += ["-H", f"Authorization: Bearer {desk.token}"]
    command += [
        "--checks",
        _CHECKS,
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        "10",
    ]
    command += ["--seed", "5", "--workers", "1", "--suppress-health-check", "all", "--no-color"]
    command += ["--generation-database", "none", "--mode", "all"]
    program = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(program.communicate(), 300)
    assert program.returncode == 0, out.decode()[-6000:]
