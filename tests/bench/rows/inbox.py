"""`inbox`: facts stored and applied by a batch handler ÷ one transaction for each message, sixteen at a time."""

import asyncio
from uuid import UUID, uuid4

from chassis.broker import BatchPublisher, connect
from chassis.wire import Said
from tests.bench.harness import interleaved
from tests.bench.messaging.facts import KIND, THINGS, TYPE, ThingMoved
from tests.bench.messaging.ground import Place, figure, place
from tests.bench.row import Row

_COUNT = 12_000
_COUNT_OF_PEER = 3_000
_BATCH = 500


async def measure(rounds: int) -> Row:
    """Facts a second of both, from a queue that is full."""
    seen = await interleaved({"ours": _ours, "peer": _peer}, rounds)
    return Row(
        name="inbox",
        ours=seen["ours"],
        peer=seen["peer"],
        peer_name="a transaction a message, 16 at a time",
        unit="facts/s",
        first_goal=4,
        goal=10,
    )


async def _ours() -> float:
    async with place() as here:
        await _fill(here, _COUNT)
        return await figure("inbox_ours", here.told(count=_COUNT))


async def _peer() -> float:
    async with place() as here:
        await _fill(here, _COUNT_OF_PEER)
        return await figure("inbox_each", here.told(count=_COUNT_OF_PEER))


async def _fill(here: Place, count: int) -> None:
    async with connect(here.host.url("bench"), "fill") as line:
        publisher = await BatchPublisher.open(line)
        for at in range(0, count, _BATCH):
            batch = [_said(n) for n in range(at, at + _BATCH)]
            await asyncio.wait_for(await publisher.send(batch), 30)


def _said(n: int) -> Said:
    thing, revision = UUID(int=n % THINGS), 1 + n // THINGS
    return Said(
        position=n + 1,
        kind=KIND,
        number=n + 1,
        seq=n + 1,
        event_id=str(uuid4()),
        subject=f"thing/{thing}",
        revision=revision,
        type=TYPE,
        body=ThingMoved(thing_id=thing, revision=revision).model_dump_json().encode(),
        recorded_at="2026-04-01T00:00:00.000000Z",
        request_id=None,
    )
