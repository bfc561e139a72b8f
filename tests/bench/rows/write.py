"""`write`: a business row and a fact in one transaction, 16 clients ÷ pgbench with the same statements."""

import asyncio
import re
from urllib.parse import urlsplit

from chassis.outbox import _COUNT, _FACTS
from tests.bench.harness import GROUND, interleaved
from tests.bench.messaging.facts import KIND, TYPE, a_body
from tests.bench.messaging.ground import figure, place
from tests.bench.programs import run
from tests.bench.row import Row
from tests.bench.tools import tool

_SECONDS = 3
_CLIENTS = 16


async def measure(rounds: int) -> Row:
    """Transactions a second of both."""
    seen = await interleaved({"ours": _ours, "peer": _pgbench}, rounds)
    return Row(
        name="write",
        ours=seen["ours"],
        peer=seen["peer"],
        peer_name="pgbench, same statements",
        unit="tx/s",
        first_goal=0.45,
        goal=0.80,
    )


async def _ours() -> float:
    async with place() as here:
        return await figure("write_ours", here.told(seconds=_SECONDS))


async def _pgbench() -> float:
    script = GROUND.new_folder() / "write.sql"
    script.write_text(
        f"BEGIN;\nINSERT INTO business (code, name) VALUES ('131016', '千代田区');\n{_said()};\nCOMMIT;\n"
    )
    async with place() as here:
        url = urlsplit(here.database_url)
        command = [tool("pgbench"), "-n", "-M", "prepared", "-c", str(_CLIENTS), "-j", "1"]
        command += ["-T", str(_SECONDS), "-f", str(script)]
        command += ["-h", str(url.hostname), "-p", str(url.port), "-U", str(url.username)]
        told = await asyncio.to_thread(run, [*command, url.path.lstrip("/")], core=None)
    found = re.search(r"tps = ([0-9.]+)", told)
    assert found, told
    return float(found[1])


def _said() -> str:
    """The statement that writes one fact, with its values in place."""
    values = {
        1: "ARRAY[gen_random_uuid()]",
        2: "ARRAY['thing/' || gen_random_uuid()]",
        3: "ARRAY[1]",
        4: f"ARRAY['{KIND}']",
        5: f"ARRAY['{TYPE}']",
        # As hexadecimal: pgbench would take a colon for the beginning of a variable.
        6: f"ARRAY[decode('{a_body().hex()}', 'hex')]",
        7: "ARRAY['']",
        8: "ARRAY[NULL]",
    }
    return " ".join(
        re.sub(r"\$(\d+)", lambda m: values.get(int(m[1]), "NULL"), _FACTS + _COUNT).split()
    )
