"""What notifications hears: of accounts, registrations, measures, news, applications, points, ended tokens."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from chassis.database import Connection
from chassis.ended import refuse
from chassis.inbox import Subscriptions
from contracts.event import Fact
from contracts.identity import ClientRevoked, SessionEnded
from services.notifications.commands.letters import Desk
from services.notifications.subscriptions import (
    accounts,
    announcing,
    imports,
    matches,
    measures,
    naming,
    registrations,
    residents,
    seats,
)
from services.notifications.subscriptions.writing import Writer

#: Who writes because of which fact. Several may write because of the same one, in this order.
_WRITERS: tuple[Mapping[type[Fact], Writer], ...] = (
    accounts.WRITERS,
    registrations.WRITERS,
    measures.WRITERS,
    imports.WRITERS,
    matches.WRITERS,
    announcing.WRITERS,
    naming.WRITERS,
    residents.WRITERS,
    seats.WRITERS,
)


def subscriptions(desk: Desk) -> Subscriptions:
    """Everything notifications acts on; its letters are written at ``desk``."""
    writers: dict[type[Fact], list[Writer]] = {}
    for area in _WRITERS:
        for fact, writer in area.items():
            writers.setdefault(fact, []).append(writer)
    return Subscriptions(
        {fact: partial(_write, desk, found) for fact, found in writers.items()}
        | {SessionEnded: _session_ended, ClientRevoked: _client_revoked}
    )


async def _write(desk: Desk, writers: Iterable[Writer], conn: Connection, fact: Any) -> None:
    for writer in writers:
        await writer(desk, conn, fact)


async def _session_ended(conn: Connection, fact: SessionEnded) -> None:
    await refuse(conn, fact.session_id)


async def _client_revoked(conn: Connection, fact: ClientRevoked) -> None:
    await refuse(conn, fact.client_id)
