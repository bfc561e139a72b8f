"""What notifications hears: of accounts and members, of registrations, of measures, of tokens that ended."""

from functools import partial

from chassis.access import refuse
from chassis.database import Connection
from chassis.inbox import Subscriptions
from contracts.identity import ClientRevoked, SessionEnded
from services.notifications.commands.letters import Desk
from services.notifications.subscriptions import accounts, measures, registrations


def subscriptions(desk: Desk) -> Subscriptions:
    """Everything notifications acts on; its letters are written at ``desk``."""
    writers = {**accounts.WRITERS, **registrations.WRITERS, **measures.WRITERS}
    return Subscriptions(
        {fact: partial(act, desk) for fact, act in writers.items()}
        | {SessionEnded: _session_ended, ClientRevoked: _client_revoked}
    )


async def _session_ended(conn: Connection, fact: SessionEnded) -> None:
    await refuse(conn, fact.session_id)


async def _client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    await refuse(conn, fact.client_id)
