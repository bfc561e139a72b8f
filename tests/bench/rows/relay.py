"""`relay`: facts numbered and carried with confirms ÷ FastStream publishing with confirms and no database.

The raw floor stands in the notes: the same bytes, made beforehand, with confirms and nothing else.
"""

import asyncpg

from tests.bench.harness import interleaved
from tests.bench.messaging.facts import KIND, THINGS, TYPE, a_body
from tests.bench.messaging.ground import Place, figure, place
from tests.bench.row import Row

_COUNT = 20_000
_FILL = """
WITH e AS (
    INSERT INTO events (event_id, subject, revision, kind, type, body)
    SELECT gen_random_uuid(), 'thing/' || (n % $2), 1 + n / $2, $3, $4, $5 FROM generate_series(0, $1 - 1) AS n
    RETURNING seq
)
INSERT INTO outbox SELECT seq FROM e
"""


async def measure(rounds: int) -> Row:
    """Facts a second of ours, FastStream's and the floor's."""
    seen = await interleaved({"ours": _ours, "peer": _peer, "floor": _floor}, rounds)
    return Row(
        name="relay",
        ours=seen["ours"],
        peer=seen["peer"],
        peer_name="FastStream with confirms, no database",
        unit="facts/s",
        first_goal=2.5,
        goal=3.5,
        notes=f"raw floor {seen['floor']:,.0f} facts/s: {seen['ours'] / seen['floor']:.2f} of it"
        " (first 0.65, goal 0.85)",
    )


async def _ours() -> float:
    async with place() as here:
        await _fill(here)
        return await figure("relay_ours", here.told(count=_COUNT))


async def _fill(here: Place) -> None:
    conn = await asyncpg.connect(here.database_url)
    try:
        await conn.execute(_FILL, _COUNT, THINGS, KIND, TYPE, a_body())
        await conn.execute("SELECT 1")
    finally:
        await conn.close()


async def _peer() -> float:
    async with place() as here:
        return await figure("relay_faststream", here.told(count=_COUNT // 2))


async def _floor() -> float:
    async with place() as here:
        return await figure("relay_raw", here.told(count=_COUNT))
