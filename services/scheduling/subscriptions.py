"""What scheduling acts on when others say it."""

from chassis.database import Connection
from chassis.ended import refuse
from chassis.inbox import Subscriptions
from contracts.identity import ClientRevoked, SessionEnded
from contracts.registry.measures import (
    MeasureCancelled,
    MeasureChanged,
    MeasureClosed,
    MeasureCompleted,
    MeasureOpened,
    MeasurePublished,
    MeasureResumed,
    MeasureSettling,
    PublicMeasureFact,
)
from services.scheduling.commands import deadlines


async def session_ended(conn: Connection, fact: SessionEnded) -> None:
    """Tokens of the session are refused from now on."""
    await refuse(conn, fact.session_id)


async def client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    """Tokens of the machine client are refused from now on."""
    await refuse(conn, fact.client_id)


async def measure_said(conn: Connection, fact: PublicMeasureFact) -> None:
    """The map says of the measure what its entry says."""
    await deadlines.follow(
        conn,
        fact.subject,
        deadlines.marks_of(fact.entry),
        title=fact.title,
        organisation_id=fact.municipality_id,
        now=fact.occurred_at,
    )


async def measure_closed(conn: Connection, fact: MeasureClosed) -> None:
    """Nobody applies any more; points are still allocated until their own day."""
    marks = [m for m in deadlines.marks_of(fact.entry) if m.what == "allocate"]
    await deadlines.follow(
        conn,
        fact.subject,
        marks,
        title=fact.title,
        organisation_id=fact.municipality_id,
        now=fact.occurred_at,
    )


async def measure_over(conn: Connection, fact: PublicMeasureFact) -> None:
    """Nothing of the measure falls due any more."""
    await deadlines.follow(
        conn,
        fact.subject,
        (),
        title=fact.title,
        organisation_id=fact.municipality_id,
        now=fact.occurred_at,
    )


SUBSCRIPTIONS = Subscriptions(
    {
        SessionEnded: session_ended,
        ClientRevoked: client_revoked,
        MeasurePublished: measure_said,
        MeasureOpened: measure_said,
        MeasureChanged: measure_said,
        MeasureResumed: measure_said,
        MeasureClosed: measure_closed,
        MeasureCancelled: measure_over,
        MeasureSettling: measure_over,
        MeasureCompleted: measure_over,
    }
)
