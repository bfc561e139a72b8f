"""Where a resident is signed in, and ending everything but this."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.database import Connection
from chassis.refusal import Forbidden
from chassis.web import Ask, Routes
from services.identity.api.desk import PREFIX, TAG, office, resident_id, session_id
from services.identity.commands import resident_visits
from services.identity.store import resident_sessions

routes = Routes(PREFIX, tag=TAG)


class OwnSessionView(BaseModel):
    """One browser, or one desk, in which the resident's card was read."""

    session_id: UUID
    created_at: datetime
    last_seen_at: datetime
    at_desk: bool
    #: The one that asks.
    current: bool


class OwnSessionsView(BaseModel):
    """Where the resident is signed in, the one that was used last first."""

    items: list[OwnSessionView]


@routes.get("/own-sessions", kinds={"resident"})
async def own_sessions(ask: Ask, conn: Connection) -> OwnSessionsView:
    """Everywhere the resident is signed in."""
    return await _shown(ask, conn)


@routes.post("/own-sessions/end-others", kinds={"resident"})
async def end_other_sessions(ask: Ask, conn: Connection) -> OwnSessionsView:
    """Sign out everywhere but here."""
    here = _here(ask)
    await resident_visits.end_others(conn, resident_id(ask), here, now=ask.now)
    return await _shown(ask, conn)


async def _shown(ask: Ask, conn: Connection) -> OwnSessionsView:
    here, idle = _here(ask), resident_visits.idle_after(office(ask))
    found = await resident_sessions.open_of(conn, resident_id(ask))
    return OwnSessionsView(
        items=[
            OwnSessionView(
                session_id=one.id,
                created_at=one.created_at,
                last_seen_at=one.last_seen_at,
                at_desk=one.desk is not None,
                current=one.id == here,
            )
            for one in found
            if one.alive(ask.now, idle)
        ]
    )


def _here(ask: Ask) -> UUID:
    if ask.principal.desk_id is not None:
        detail = "ログインの記録は、ご自宅でカードを使ってログインすると開けます。"
        raise Forbidden("home-only", detail)
    return session_id(ask)
