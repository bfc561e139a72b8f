"""What scheduling says to one who signed up: a seat became free, and the session is tomorrow."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts.event import Fact
from contracts.scheduling import SessionReminded, SessionSeatTaken, SignUpFact
from services.notifications.commands.letters import Desk
from services.notifications.commands.organisations import tell_member
from services.notifications.model.address import one_line
from services.notifications.subscriptions.announcing.sessions import when_and_where
from services.notifications.subscriptions.writing import Writer, cause_of


async def _seated(desk: Desk, conn: Connection, fact: SessionSeatTaken) -> None:
    await _tell(desk, conn, fact, "session_seat")


async def _reminded(desk: Desk, conn: Connection, fact: SessionReminded) -> None:
    await _tell(desk, conn, fact, "session_near")


async def _tell(desk: Desk, conn: Connection, fact: SignUpFact, template: str) -> None:
    values = {
        "title": one_line(fact.title),
        "words": when_and_where(fact),
        "session_id": str(fact.session_id),
    }
    await tell_member(
        conn, desk, cause_of(fact), fact.organisation_id, fact.member_id, template, values
    )


WRITERS: Mapping[type[Fact], Writer] = {SessionSeatTaken: _seated, SessionReminded: _reminded}
