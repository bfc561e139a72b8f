"""Questions nobody thought of: schemathesis reads a service's OpenAPI document and asks all it allows, and more."""

import asyncio
import sys
from pathlib import Path

from tests.rig.portal import LONG

_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
#: Every edge of every field takes minutes: the long run walks along all of them, the daily one draws some.
_PHASES = "examples,coverage,fuzzing" if LONG else "examples,fuzzing"
_PATIENCE = 1800 if LONG else 300


async def ask_whatever(
    description: str,
    token: str | None,
    folder: Path,
    *,
    examples: int = 3,
    only: str = "",
    but: str = "",
) -> None:
    """Ask every operation of the document at ``description``, or those whose path fits ``only`` and not ``but``."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", description]
    command += ["-H", f"Authorization: Bearer {token}", "--checks", _CHECKS, "--mode", "all"]
    command += ["--phases", _PHASES, "--max-examples", str(examples), "--seed", "5"]
    command += ["--workers", "1", "--suppress-health-check", "all", "--no-color"]
    command += ["--generation-database", "none"]
    command += ["--include-path-regex", only] if only else []
    command += ["--exclude-path-regex", but] if but else []
    program = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(program.communicate(), _PATIENCE)
    assert program.returncode == 0, out.decode()[-6000:]
