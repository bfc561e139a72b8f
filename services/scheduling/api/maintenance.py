"""Maintenance windows: everybody reads them, the secretariat plans them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.web import Answer, Ask, Query, Routes
from services.scheduling.api.plans import ChangeBody, ExtendBody, NoteBody, PlanBody, SeriesBody
from services.scheduling.api.roles import EDITORS, SECRETARIAT
from services.scheduling.api.windows import (
    Edition,
    WindowDetail,
    WindowList,
    WindowPage,
    WindowView,
    shown,
)
from services.scheduling.commands import maintenance as commands
from services.scheduling.commands.deadlines import refuse_if_covered
from services.scheduling.model.findings import Findings
from services.scheduling.model.maintenance import OVER, PLANNED, UNDER_WAY, State, Window
from services.scheduling.store import maintenance
from services.scheduling.store.maintenance import Wanted

routes = Routes("/api/v1/scheduling", tag="scheduling")
_SETS = {
    "open": PLANNED | UNDER_WAY,
    "planned": PLANNED,
    "under_way": UNDER_WAY,
    "over": OVER,
    "all": frozenset(State),
}
Code = Annotated[str, StringConstraints(max_length=60)]


class WindowsQuery(Query):
    """Which windows, and how many."""

    state: Annotated[str, StringConstraints(pattern="^(open|planned|under_way|over|all)$")] = "open"
    system: Code | None = None
    #: ``soonest`` first, or the ``latest``.
    order: Annotated[str, StringConstraints(pattern="^(soonest|latest)$")] = "soonest"
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=50, ge=1, le=200)


@routes.get("/maintenance", public=True)
async def windows(conn: Connection, query: WindowsQuery) -> WindowPage:
    """Maintenance windows, by their start."""
    wanted = Wanted(
        states=tuple(sorted(_SETS[query.state])),
        system=query.system,
        newest_first=query.order == "latest",
        after=after_of(query.after, datetime, UUID),
        limit=query.limit + 1,
    )
    found = await maintenance.windows(conn, wanted)
    page = found[: query.limit]
    last = page[-1] if len(found) > query.limit else None
    return WindowPage(
        items=[WindowView.of(w) for w in page],
        next=cursor_of(last.plan.starts_at.isoformat(), str(last.id)) if last else None,
    )


@routes.get("/maintenance/{maintenance_id}", public=True, answers=WindowDetail)
async def window(conn: Connection, maintenance_id: UUID) -> Answer:
    """A window with everything that was said about it."""
    return await _answer(conn, await maintenance.window(conn, maintenance_id))


@routes.post("/maintenance", organisation=SECRETARIAT, roles=EDITORS, status=201)
async def announce(ask: Ask, conn: Connection, body: PlanBody) -> WindowView:
    """Plan a window."""
    await _deadlines(conn, body)
    made = await commands.announce(conn, body.plan(), by=str(ask.principal), now=ask.now)
    return WindowView.of(made)


@routes.post("/maintenance/series", organisation=SECRETARIAT, roles=EDITORS, status=201)
async def announce_series(ask: Ask, conn: Connection, body: SeriesBody) -> WindowList:
    """Plan a window that comes back; each time becomes a window of its own."""
    made = await commands.announce_series(
        conn, body.plan(), body.rule, zone=body.zone, by=str(ask.principal), now=ask.now
    )
    for each in made if not body.deadlines_accepted else ():
        await refuse_if_covered(conn, each.plan)
    return WindowList(items=[WindowView.of(w) for w in made])


@routes.put(
    "/maintenance/{maintenance_id}",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=WindowDetail,
)
async def change(ask: Ask, conn: Connection, maintenance_id: UUID, body: ChangeBody) -> Answer:
    """Plan it otherwise, before it begins."""
    await _deadlines(conn, body)
    changed = await commands.change(
        conn,
        maintenance_id,
        body.plan(),
        note=_note(body.note),
        version=ask.if_match,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _answer(conn, changed)


@routes.post(
    "/maintenance/{maintenance_id}/extend",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=WindowDetail,
)
async def extend(ask: Ask, conn: Connection, maintenance_id: UUID, body: ExtendBody) -> Answer:
    """Say that it ends at another time."""
    extended = await commands.extend(
        conn,
        maintenance_id,
        body.ends_at,
        estimate=body.end_is_estimate,
        note=_note(body.note),
        version=ask.if_match,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _answer(conn, extended)


@routes.post(
    "/maintenance/{maintenance_id}/finish",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=WindowDetail,
)
async def finish(ask: Ask, conn: Connection, maintenance_id: UUID) -> Answer:
    """Say that it is over."""
    finished = await commands.finish(
        conn, maintenance_id, version=ask.if_match, by=str(ask.principal), now=ask.now
    )
    return await _answer(conn, finished)


@routes.post(
    "/maintenance/{maintenance_id}/cancel",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=WindowDetail,
)
async def cancel(ask: Ask, conn: Connection, maintenance_id: UUID, body: NoteBody) -> Answer:
    """Say that it does not take place."""
    cancelled = await commands.cancel(
        conn,
        maintenance_id,
        note=_note(body.note),
        version=ask.if_match,
        by=str(ask.principal),
        now=ask.now,
    )
    return await _answer(conn, cancelled)


async def _deadlines(conn: Connection, body: PlanBody) -> None:
    if not body.deadlines_accepted:
        await refuse_if_covered(conn, body.plan())


def _note(typed: str) -> str:
    found = Findings()
    note = found.text("note", typed, "変更の説明", longest=1000, needed=False)
    found.settle()
    return note


async def _answer(conn: Connection, window: Window) -> Answer:
    rows = await maintenance.editions(conn, window.id)
    editions = [Edition(version=row["revision"], **_named(dict(row))) for row in rows]
    return Answer(WindowDetail(**shown(window), editions=editions), etag=str(window.revision))


def _named(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in ("revision", "actor")}
