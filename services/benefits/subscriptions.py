"""What benefits acts on when others say it."""

from chassis.database import Connection
from chassis.ended import refuse
from chassis.inbox import Subscriptions
from contracts.identity import ClientRevoked, SessionEnded
from contracts.registry.matches import MatchActivated, MatchChanged, MatchEnded, PublicMatchFact
from contracts.registry.measures import (
    MeasureCancelled,
    MeasureChanged,
    MeasureClosed,
    MeasureCompleted,
    MeasureOpened,
    MeasurePaused,
    MeasurePublished,
    MeasureResumed,
    MeasureSettling,
    PublicMeasureFact,
    TargetListCompleted,
    TargetListPart,
    TargetListReplaced,
)
from contracts.registry.payment_services import (
    PaymentServiceChanged,
    PaymentServiceEnded,
    PaymentServiceFact,
    PaymentServiceRegistered,
    PaymentServiceResumed,
    PaymentServiceSuspended,
)
from services.benefits.commands import measures as following
from services.benefits.model.measure import State
from services.benefits.store import measures, partners

_STATES: dict[type[PublicMeasureFact], State | None] = {
    MeasurePublished: State.PUBLISHED,
    MeasureOpened: State.OPEN,
    MeasureChanged: None,
    MeasurePaused: State.PAUSED,
    MeasureClosed: State.CLOSED,
    MeasureCancelled: State.CANCELLED,
    MeasureSettling: State.SETTLING,
    MeasureCompleted: State.COMPLETED,
}


async def session_ended(conn: Connection, fact: SessionEnded) -> None:
    """Tokens of the session are refused from now on."""
    await refuse(conn, fact.session_id)


async def client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    """Tokens of the machine client are refused from now on."""
    await refuse(conn, fact.client_id)


async def measure_said(conn: Connection, fact: PublicMeasureFact) -> None:
    """The measure is where its register says it is; its budget is in the ledger."""
    await following.follow(
        conn, fact.measure_id, fact.entry, _STATES[type(fact)], at=fact.occurred_at
    )


async def measure_resumed(conn: Connection, fact: MeasureResumed) -> None:
    """People may apply again, or still wait for the day it opens."""
    opened = fact.effective_at >= fact.entry.apply_from
    state = State.OPEN if opened else State.PUBLISHED
    await following.follow(conn, fact.measure_id, fact.entry, state, at=fact.occurred_at)


async def targets_said(conn: Connection, fact: TargetListPart) -> None:
    """Lines of a list that is not whole yet."""
    await measures.add_targets(conn, fact.target_list_id, fact.measure_id, fact.targets)


async def targets_whole(conn: Connection, fact: TargetListCompleted) -> None:
    """The list is the measure's from now on."""
    await measures.let_list_count(conn, fact.target_list_id, fact.measure_id)


async def targets_replaced(conn: Connection, fact: TargetListReplaced) -> None:
    """A later list counts instead."""
    await measures.drop_list(conn, fact.target_list_id)


async def service_said(conn: Connection, fact: PaymentServiceFact) -> None:
    """The service is offered, or rests, or has ended."""
    offered = not isinstance(fact, PaymentServiceSuspended | PaymentServiceEnded)
    await partners.save_service(conn, fact.payment_service_id, fact.entry, offered=offered)


async def match_said(conn: Connection, fact: PublicMatchFact) -> None:
    """A contract carries the match, or does no longer."""
    active = not isinstance(fact, MatchEnded)
    await partners.save_match(conn, fact.match_id, fact.entry, active=active)


SUBSCRIPTIONS = Subscriptions(
    {
        SessionEnded: session_ended,
        ClientRevoked: client_revoked,
        **dict.fromkeys(_STATES, measure_said),
        MeasureResumed: measure_resumed,
        TargetListPart: targets_said,
        TargetListCompleted: targets_whole,
        TargetListReplaced: targets_replaced,
        PaymentServiceRegistered: service_said,
        PaymentServiceChanged: service_said,
        PaymentServiceSuspended: service_said,
        PaymentServiceResumed: service_said,
        PaymentServiceEnded: service_said,
        MatchActivated: match_said,
        MatchChanged: match_said,
        MatchEnded: match_said,
    }
)
