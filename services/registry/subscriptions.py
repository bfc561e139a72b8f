"""What the registry acts on when others say it."""

from chassis.database import Connection
from chassis.ended import refuse
from chassis.inbox import Subscriptions
from contracts.benefits.measures import MeasureFreed, MeasureUsedUp
from contracts.identity import (
    AccountClosed,
    AccountIssued,
    AccountPromoted,
    ClientRevoked,
    SessionEnded,
)
from contracts.scheduling import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceExtended,
    MaintenanceFact,
    MaintenanceFinished,
    MaintenanceStarted,
)
from services.registry.commands import maintenance, measure_use, organisations


async def account_issued(conn: Connection, fact: AccountIssued) -> None:
    """The organisation may register."""
    await organisations.welcome(
        conn,
        fact.account_id,
        kind=fact.organisation_kind,
        code=fact.organisation_code,
        name=fact.organisation_name,
        now=fact.occurred_at,
    )


async def account_promoted(conn: Connection, fact: AccountPromoted) -> None:
    """The organisation of what was a provisional account may register."""
    await organisations.welcome(
        conn,
        fact.account_id,
        kind=fact.organisation_kind,
        code=fact.organisation_code,
        name=fact.organisation_name,
        now=fact.occurred_at,
    )


async def account_closed(conn: Connection, fact: AccountClosed) -> None:
    """Nobody acts for the organisation any more."""
    await organisations.part_with(conn, fact.account_id)


async def measure_used_up(conn: Connection, fact: MeasureUsedUp) -> None:
    """Nothing is left of a measure."""
    await measure_use.used_up(conn, fact.measure_id, fact.occurred_at)


async def measure_freed(conn: Connection, fact: MeasureFreed) -> None:
    """Something is left of it again."""
    await measure_use.freed(conn, fact.measure_id, fact.occurred_at)


async def session_ended(conn: Connection, fact: SessionEnded) -> None:
    """Tokens of the session are refused from now on."""
    await refuse(conn, fact.session_id)


async def client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    """Tokens of the machine client are refused from now on."""
    await refuse(conn, fact.client_id)


async def maintenance_planned(conn: Connection, fact: MaintenanceFact) -> None:
    """A window as it is now; contracts wait for it, and go on when it is over."""
    over = isinstance(fact, MaintenanceFinished | MaintenanceCancelled)
    await maintenance.heard(
        conn,
        fact.maintenance_id,
        system=fact.system,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        over=over,
        now=fact.occurred_at,
    )


SUBSCRIPTIONS = Subscriptions(
    {
        AccountIssued: account_issued,
        AccountPromoted: account_promoted,
        AccountClosed: account_closed,
        MeasureUsedUp: measure_used_up,
        MeasureFreed: measure_freed,
        SessionEnded: session_ended,
        ClientRevoked: client_revoked,
        MaintenanceAnnounced: maintenance_planned,
        MaintenanceChanged: maintenance_planned,
        MaintenanceStarted: maintenance_planned,
        MaintenanceExtended: maintenance_planned,
        MaintenanceFinished: maintenance_planned,
        MaintenanceCancelled: maintenance_planned,
    }
)
