"""The sessions of the whole site at an instant, past or to come."""

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.web import Ask, Query, Routes
from services.scheduling.api.programme import SessionView
from services.scheduling.api.roles import SECRETARIAT
from services.scheduling.model.session import COMING, State
from services.scheduling.store import sessions
from services.scheduling.store.sessions import Wanted

routes = Routes("/api/v1/scheduling/programme", tag="scheduling")
_LISTED = tuple(sorted(COMING | {State.HELD, State.ARCHIVED}))
_MOST = 200


class SiteQuery(Query):
    """The instant whose sessions are wanted."""

    at: AwareDatetime


class SessionsThen(BaseModel):
    """What visitors read of at an instant, the latest first."""

    at: AwareDatetime
    items: list[SessionView]


@routes.get("/site", organisation=SECRETARIAT)
async def site(ask: Ask, conn: Connection, query: SiteQuery) -> SessionsThen:
    """The sessions as they stood, or as they will stand by what is planned now."""
    past = query.at <= ask.now
    wanted = Wanted(_LISTED, newest_first=True, limit=_MOST, at=query.at if past else None)
    found = await sessions.sessions(conn, wanted)
    items = [SessionView.of(one if past else one.by(query.at)) for one in found]
    return SessionsThen(at=query.at, items=items)
