"""Two made-up services: alpha speaks of things and notes, beta listens and writes down what it did."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg

from chassis.database import Connection, Pool, transaction
from chassis.inbox import Subscriptions, ready_to_hear
from chassis.outbox import publish
from chassis.wire import Heard
from contracts.event import Fact
from tests.rig.postgres import owner_url


class ThingMoved(Fact):
    """A thing went somewhere else."""

    type: ClassVar[str] = "alpha.thing.moved.v1"
    thing_id: UUID
    to: str = ""


class ThingPainted(Fact):
    """A thing has another colour."""

    type: ClassVar[str] = "alpha.thing.painted.v1"
    thing_id: UUID


class ThingWeighed(Fact):
    """A thing's weight is known; beta does nothing about it."""

    type: ClassVar[str] = "alpha.thing.weighed.v1"
    thing_id: UUID


class ThingPaintedTwice(Fact):
    """The newer form of having been painted, which today's beta cannot read."""

    type: ClassVar[str] = "alpha.thing.painted.v2"
    thing_id: UUID


class NoteWritten(Fact):
    """A note, which enters a feed."""

    type: ClassVar[str] = "alpha.note.written.v1"
    feeds: ClassVar[tuple[str, ...]] = ("notes",)
    note_id: UUID
    text: str = ""


class EchoHeard(Fact):
    """What beta says about each thing that moved."""

    type: ClassVar[str] = "beta.echo.heard.v1"
    echo_id: UUID


EFFECTS = """
CREATE TABLE IF NOT EXISTS effects (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL, revision bigint NOT NULL, type text NOT NULL
)
"""


async def wrote(conn: Connection, fact: Fact) -> None:
    """Write down that ``fact`` was acted on; deliberately without a key that would hide a repeat."""
    await conn.execute(
        "INSERT INTO effects (subject, revision, type) VALUES ($1, $2, $3)",
        fact.subject,
        fact.revision,
        fact.type,
    )


async def wrote_all(conn: Connection, facts: Sequence[Fact]) -> None:
    """The same for many at once."""
    await conn.executemany(
        "INSERT INTO effects (subject, revision, type) VALUES ($1, $2, $3)",
        [(f.subject, f.revision, f.type) for f in facts],
    )


async def make_ready(url: str, subscriptions: Subscriptions) -> None:
    """What ``prepare`` does to a listener's database, and the table of effects."""
    conn = await asyncpg.connect(owner_url(url))
    await conn.execute(EFFECTS)
    await conn.close()
    await ready_to_hear(owner_url(url), subscriptions.kinds)


def listening(
    moved: Callable[[Connection, Any], Awaitable[None]] = wrote,
) -> Subscriptions:
    """Beta's ears: one single handler, one batch handler, and a fact nothing is done about."""
    return Subscriptions({ThingMoved: moved, NoteWritten: wrote}, batch={ThingPainted: wrote_all})


async def say(pool: Pool, *facts: Fact) -> None:
    """Say ``facts`` in one transaction."""
    async with transaction(pool) as conn:
        for fact in facts:
            publish(conn, fact)


def thing(n: int) -> UUID:
    """The same id for the same number."""
    return UUID(int=n)


def arrived(fact: Fact, number: int, *, body: bytes | None = None) -> Heard:
    """``fact`` as it comes out of the wire."""
    return Heard(
        subject=f"{fact.type.partition('.')[0]}.{fact.subject}",
        revision=fact.revision,
        kind=fact.kind(),
        number=number,
        event_id=uuid4(),
        type=fact.type,
        body=fact.model_dump_json().encode() if body is None else body,
        recorded_at=datetime.fromisoformat("2026-04-01T00:00:00Z"),
        request_id=None,
    )


async def effects(pool: Pool) -> list[tuple[str, int]]:
    """What was done, in the order it was done."""
    rows = await pool.fetch("SELECT subject, revision FROM effects ORDER BY n")
    return [(row["subject"], row["revision"]) for row in rows]


async def states(pool: Pool) -> dict[tuple[str, int], str]:
    """What is in the inbox."""
    rows = await pool.fetch("SELECT subject, revision, state FROM inbox")
    return {(row["subject"], row["revision"]): row["state"] for row in rows}
