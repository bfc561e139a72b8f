"""Sessions for everybody, and what belongs to a session for members."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.clock import JAPAN
from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.web import Ask, Query, Routes
from contracts.values import FiscalYear
from services.scheduling.api.programme import (
    CorrectionView,
    MaterialView,
    SessionDetail,
    SessionPage,
    SessionView,
    shown,
)
from services.scheduling.model.session import COMING, Series, State
from services.scheduling.store import editions, sessions
from services.scheduling.store.sessions import Wanted

routes = Routes("/api/v1/scheduling", tag="scheduling")
_HELD = frozenset({State.HELD, State.ARCHIVED})
#: Before that there was nothing to read of.
_FIRST = date(2016, 4, 1)
_SETS = {
    "coming": COMING,
    "held": _HELD,
    "cancelled": frozenset({State.CANCELLED}),
    "all": frozenset(State) - {State.DRAFT},
    "drafts": frozenset({State.DRAFT}),
    "everything": frozenset(State),
}


class SessionQuery(Query):
    """As of which day."""

    #: As it could be read at the end of this day in Japan; as it can be read now without it.
    as_of: date | None = None


class SessionsQuery(SessionQuery):
    """Which sessions, and how many."""

    state: Annotated[str, StringConstraints(pattern="^(coming|held|cancelled|all)$")] = "all"
    series: Series | None = None
    fiscal_year: FiscalYear | None = None
    #: Sessions that touch these days.
    since: date | None = None
    until: date | None = None
    #: ``soonest`` first, or the ``latest``.
    order: Annotated[str, StringConstraints(pattern="^(soonest|latest)$")] = "soonest"
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=50, ge=1, le=200)


class MaterialList(BaseModel):
    """The papers of a session, with the addresses of those for members."""

    items: list[MaterialView]


@routes.get("/sessions", public=True)
async def list_sessions(ask: Ask, conn: Connection, query: SessionsQuery) -> SessionPage:
    """Sessions, by their first day."""
    return await page_of(conn, query, at=_then(query, ask))


@routes.get("/sessions/{session_id}", public=True)
async def session(
    ask: Ask, conn: Connection, session_id: UUID, query: SessionQuery
) -> SessionDetail:
    """A session with its papers; those for members are named without their address."""
    at = _then(query, ask)
    found = (
        await editions.session_at(conn, session_id, at)
        if at
        else await sessions.session(conn, session_id)
    )
    return SessionDetail(
        **shown(found),
        materials=await papers(conn, session_id, members=False, at=at),
        corrections=await said_later(conn, session_id, at),
    )


@routes.get("/materials/{session_id}")
async def materials(ask: Ask, conn: Connection, session_id: UUID) -> MaterialList:
    """The papers of a session, for members of an organisation."""
    _ = ask.organisation_id
    await sessions.session(conn, session_id)
    return MaterialList(items=await papers(conn, session_id, members=True))


async def page_of(
    conn: Connection, query: SessionsQuery, *, at: datetime | None = None
) -> SessionPage:
    """A page of sessions, as they stood at an instant if one is named."""
    wanted = Wanted(
        states=tuple(sorted(_SETS[query.state])),
        series=query.series,
        fiscal_year=query.fiscal_year,
        since=query.since,
        until=query.until,
        newest_first=query.order == "latest",
        after=after_of(query.after, date, UUID),
        limit=query.limit + 1,
        at=at,
    )
    found = await sessions.sessions(conn, wanted)
    page = found[: query.limit]
    last = page[-1] if len(found) > query.limit else None
    return SessionPage(
        items=[SessionView.of(s) for s in page],
        next=cursor_of(last.programme.when.first_on.isoformat(), str(last.id)) if last else None,
    )


async def papers(
    conn: Connection, session_id: UUID, *, members: bool, at: datetime | None = None
) -> list[MaterialView]:
    """The papers of a session as somebody may see them."""
    rows = await sessions.materials(conn, session_id, at)
    return [
        MaterialView(
            **{
                **dict(row),
                "address": row["address"] if members or row["audience"] == "public" else None,
            }
        )
        for row in rows
    ]


async def said_later(
    conn: Connection, session_id: UUID, at: datetime | None = None
) -> list[CorrectionView]:
    """The corrections of a session."""
    rows = await sessions.corrections(conn, session_id, at)
    return [CorrectionView(**dict(row)) for row in rows]


def _then(query: SessionQuery, ask: Ask) -> datetime | None:
    """The last instant of the day that is asked for; none where that is still to come."""
    if query.as_of is None or query.as_of >= ask.today:
        return None
    after = max(query.as_of, _FIRST) + timedelta(days=1)
    return datetime.combine(after, time(), JAPAN) - timedelta(microseconds=1)
