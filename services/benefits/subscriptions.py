"""What benefits acts on when others say it."""

from chassis.access import refuse
from chassis.database import Connection
from chassis.inbox import Subscriptions
from contracts.identity import ClientRevoked, SessionEnded


async def session_ended(conn: Connection, fact: SessionEnded) -> None:
    """Tokens of the session are refused from now on."""
    await refuse(conn, fact.session_id)


async def client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    """Tokens of the machine client are refused from now on."""
    await refuse(conn, fact.client_id)


SUBSCRIPTIONS = Subscriptions(
    {
        SessionEnded: session_ended,
        ClientRevoked: client_revoked,
    }
)
