"""What is said and heard in the rows: one kilobyte about one of two thousand things."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from uuid import UUID

import uvloop

from contracts.event import Fact

THINGS = 2_000
PADDING = "令和五年度の自治体マイナポイント。" * 16
KIND = "bench.thing"
TYPE = "bench.thing.moved.v1"


class ThingMoved(Fact):
    """A thing went somewhere else."""

    type: ClassVar[str] = TYPE
    thing_id: UUID
    #: When the request that began it was sent, for those who measure the way.
    sent_at: float = 0.0
    words: str = PADDING


def a_body() -> bytes:
    """One body, as long as all of them."""
    return ThingMoved(thing_id=UUID(int=1), revision=1).model_dump_json().encode()


def side(run: Callable[[dict[str, Any]], Awaitable[float]]) -> None:
    """Run a side with the JSON argument it was given, and print its figure."""
    sys.stdout.write(f"{uvloop.run(run(json.loads(sys.argv[1]))):.1f}\n")  # type: ignore[arg-type]
