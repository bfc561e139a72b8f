"""What content acts on when others say it."""

from datetime import date

from chassis.database import Connection
from chassis.ended import refuse
from chassis.inbox import Subscriptions
from contracts.identity import ClientRevoked, SessionEnded
from contracts.registry import RegistrationSubmitted
from contracts.scheduling import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceExtended,
    MaintenanceFact,
)
from services.content.commands.documents import accepted_elsewhere
from services.content.commands.maintenance import tell
from services.content.model.maintenance import Happening, Window


async def window_announced(conn: Connection, fact: MaintenanceAnnounced) -> None:
    """Its notice goes up."""
    await _tell(conn, fact, "announced")


async def window_changed(conn: Connection, fact: MaintenanceChanged) -> None:
    """A correction goes up above its notice."""
    await _tell(conn, fact, "changed", fact.note)


async def window_extended(conn: Connection, fact: MaintenanceExtended) -> None:
    """A correction goes up above its notice."""
    await _tell(conn, fact, "changed", fact.note)


async def window_cancelled(conn: Connection, fact: MaintenanceCancelled) -> None:
    """Those who were told are told that it does not take place."""
    await _tell(conn, fact, "cancelled", fact.note)


async def _tell(conn: Connection, fact: MaintenanceFact, what: Happening, note: str = "") -> None:
    window = Window(
        maintenance_id=fact.maintenance_id,
        system=fact.system,
        functions=fact.functions,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        end_is_estimate=fact.end_is_estimate,
        impact=fact.impact,
        note=note,
    )
    await tell(conn, window, what, at=fact.occurred_at)


async def registration_submitted(conn: Connection, fact: RegistrationSubmitted) -> None:
    """With its registration an organisation accepted a version of its guideline."""
    slug, _, name = (fact.accepted_guideline or "").partition("/")
    if slug:
        await accepted_elsewhere(
            conn,
            slug,
            date.fromisoformat(name),
            fact.organisation_id,
            by="registry",
            now=fact.occurred_at,
        )


async def session_ended(conn: Connection, fact: SessionEnded) -> None:
    """Tokens of the session are refused from now on."""
    await refuse(conn, fact.session_id)


async def client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    """Tokens of the machine client are refused from now on."""
    await refuse(conn, fact.client_id)


SUBSCRIPTIONS = Subscriptions(
    {
        MaintenanceAnnounced: window_announced,
        MaintenanceChanged: window_changed,
        MaintenanceExtended: window_extended,
        MaintenanceCancelled: window_cancelled,
        RegistrationSubmitted: registration_submitted,
        SessionEnded: session_ended,
        ClientRevoked: client_revoked,
    }
)
