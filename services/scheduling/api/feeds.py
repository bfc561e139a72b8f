"""Calendar feeds: what takes place and what rests, for the calendars people use anyway."""

from datetime import timedelta
from typing import Annotated

from pydantic import StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Routes
from services.scheduling.model.feed import FEEDS, Feed, calendar_of
from services.scheduling.model.maintenance import State as WindowState
from services.scheduling.model.session import State
from services.scheduling.store import maintenance, sessions
from services.scheduling.store.sessions import Wanted

routes = Routes("/api/v1/scheduling", tag="scheduling")
FeedName = Annotated[str, StringConstraints(pattern="^(all|municipality|provider|maintenance)$")]
#: How far back a feed looks; older entries stay in the calendars that have them.
_BACK = timedelta(days=400)
_MOST = 500


@routes.get("/calendars/{feed}.ics", public=True, content_type="text/calendar")
async def calendar(ask: Ask, conn: Connection, feed: FeedName) -> Answer:
    """An iCalendar feed: ``all``, ``municipality``, ``provider`` or ``maintenance``."""
    wanted: Feed = FEEDS[feed]
    found = []
    if wanted.audiences:
        states = tuple(frozenset(State) - {State.DRAFT})
        since = ask.today - _BACK
        found = await sessions.sessions(conn, Wanted(states=states, since=since, limit=_MOST))
    windows = []
    if wanted.windows:
        states_of = maintenance.Wanted(states=tuple(WindowState), newest_first=True, limit=_MOST)
        windows = await maintenance.windows(conn, states_of)
    content = calendar_of(wanted, found, windows)
    return Answer(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="machipo-{feed}.ics"'},
    )
