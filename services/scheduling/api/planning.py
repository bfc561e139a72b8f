"""The secretariat plans sessions."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import FieldError, Invalid
from chassis.web import Answer, Ask, Body, Query, Routes
from services.scheduling.api.programme import (
    Line,
    MaterialView,
    PlannedSession,
    PlanningBody,
    SessionBody,
    SessionPage,
    shown,
)
from services.scheduling.api.roles import EDITORS, SECRETARIAT
from services.scheduling.api.sessions import SessionsQuery, page_of, papers, said_later
from services.scheduling.commands import sessions as commands
from services.scheduling.model.findings import Findings
from services.scheduling.model.programme import programme_of
from services.scheduling.model.session import Session
from services.scheduling.store import sessions, sign_ups

routes = Routes("/api/v1/scheduling/programme", tag="scheduling")
Note = Annotated[str, StringConstraints(max_length=1000)]


class PlannedQuery(SessionsQuery):
    """Which sessions; ``everything`` includes drafts."""

    state: Annotated[
        str, StringConstraints(pattern="^(coming|held|cancelled|all|drafts|everything)$")
    ] = "everything"


class NoteBody(Body):
    """What is to be said."""

    note: Note = ""


class MaterialBody(Body):
    """A paper, and where it lies: an address of ours (``/documents/…``) or outside (``https://…``)."""

    title: Line
    audience: Annotated[str, StringConstraints(pattern="^(public|members)$")] = "public"
    address: Line


class Attendance(BaseModel):
    """Somebody who signed up; by ids, in the order of arrival."""

    id: UUID
    number: int
    organisation_id: UUID
    member_id: UUID
    state: str
    signed_up_at: AwareDatetime
    state_since: AwareDatetime


class AttendanceList(BaseModel):
    """Those who signed up; ``next`` goes into ``after``."""

    items: list[Attendance]
    next: int | None


class AttendanceQuery(Query):
    """Which part of the list."""

    after: int = Field(default=0, ge=0, le=10_000_000)
    limit: int = Field(default=100, ge=1, le=500)


@routes.get("/sessions", organisation=SECRETARIAT)
async def planned_sessions(conn: Connection, query: PlannedQuery) -> SessionPage:
    """Sessions with drafts."""
    return await page_of(conn, query)


@routes.post(
    "/sessions", organisation=SECRETARIAT, roles=EDITORS, status=201, answers=PlannedSession
)
async def draft(ask: Ask, conn: Connection, body: SessionBody) -> Answer:
    """Plan a session; nobody outside reads of it yet."""
    made = await commands.draft(conn, programme_of(body.typed()), now=ask.now)
    return await _answer(conn, made)


@routes.get("/sessions/{session_id}", organisation=SECRETARIAT, answers=PlannedSession)
async def planned_session(conn: Connection, session_id: UUID) -> Answer:
    """A session with everything that belongs to it."""
    return await _answer(conn, await sessions.session(conn, session_id, drafts=True))


@routes.put(
    "/sessions/{session_id}",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=PlannedSession,
)
async def plan(ask: Ask, conn: Connection, session_id: UUID, body: PlanningBody) -> Answer:
    """Plan it otherwise, until it is over."""
    planned = await commands.plan(
        conn,
        session_id,
        programme_of(body.typed()),
        note=_note(body.note, needed=False),
        version=ask.if_match,
        now=ask.now,
    )
    return await _answer(conn, planned)


@routes.post(
    "/sessions/{session_id}/publish",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=PlannedSession,
)
async def publish(ask: Ask, conn: Connection, session_id: UUID) -> Answer:
    """Let everybody read of it."""
    return await _answer(
        conn,
        await commands.publish_session(conn, session_id, version=ask.if_match, now=ask.now),
    )


@routes.post(
    "/sessions/{session_id}/cancel",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=PlannedSession,
)
async def cancel_session(ask: Ask, conn: Connection, session_id: UUID, body: NoteBody) -> Answer:
    """Say that it does not take place."""
    note = _note(body.note, needed=False)
    done = await commands.cancel(conn, session_id, note=note, version=ask.if_match, now=ask.now)
    return await _answer(conn, done)


@routes.post(
    "/sessions/{session_id}/archive",
    organisation=SECRETARIAT,
    roles=EDITORS,
    if_match=True,
    answers=PlannedSession,
)
async def archive(ask: Ask, conn: Connection, session_id: UUID) -> Answer:
    """Put it among the old ones."""
    done = await commands.archive(conn, session_id, version=ask.if_match, now=ask.now)
    return await _answer(conn, done)


@routes.post(
    "/sessions/{session_id}/corrections",
    organisation=SECRETARIAT,
    roles=EDITORS,
    status=201,
    answers=PlannedSession,
)
async def correct(ask: Ask, conn: Connection, session_id: UUID, body: NoteBody) -> Answer:
    """Say what was wrong about a session that is over."""
    note = _note(body.note, needed=True)
    done = await commands.correct(conn, session_id, note=note, by=str(ask.principal), now=ask.now)
    return await _answer(conn, done)


@routes.post(
    "/sessions/{session_id}/materials", organisation=SECRETARIAT, roles=EDITORS, status=201
)
async def add_material(
    ask: Ask, conn: Connection, session_id: UUID, body: MaterialBody
) -> MaterialView:
    """Put a paper to a session, also after it was held."""
    title, address = _paper(body)
    made = await commands.add_material(
        conn, session_id, title=title, audience=body.audience, address=address, now=ask.now
    )
    found = await papers(conn, session_id, members=True)
    return next(paper for paper in found if paper.id == made)


@routes.get("/sessions/{session_id}/sign-ups", organisation=SECRETARIAT)
async def attendance(conn: Connection, session_id: UUID, query: AttendanceQuery) -> AttendanceList:
    """Who signed up, in the order of arrival."""
    await sessions.session(conn, session_id, drafts=True)
    found = await sign_ups.sign_ups_for(conn, session_id, after=query.after, limit=query.limit + 1)
    page = found[: query.limit]
    more = len(found) > query.limit
    names = ("id", "number", "organisation_id", "member_id", "state", "signed_up_at", "state_since")
    return AttendanceList(
        items=[Attendance(**{n: getattr(one, n) for n in names}) for one in page],
        next=page[-1].number if more else None,
    )


def _paper(body: MaterialBody) -> tuple[str, str]:
    found = Findings()
    title = found.line("title", body.title, "資料の名前")
    ours = body.address.startswith("/") and not body.address.startswith("//")
    address = (
        found.line("address", body.address, "アドレス")
        if ours
        else found.web_address("address", body.address, "アドレス")
    )
    found.settle()
    if not address:
        detail = "資料のアドレスを入れてください。"
        raise Invalid("fields-invalid", detail, errors=[FieldError("address", "missing", detail)])
    return title, address


def _note(typed: str, *, needed: bool) -> str:
    found = Findings()
    note = found.text("note", typed, "説明", longest=1000, needed=needed)
    found.settle()
    return note


async def _answer(conn: Connection, session: Session) -> Answer:
    view = PlannedSession(
        **shown(session),
        link=session.programme.link,
        materials=await papers(conn, session.id, members=True),
        corrections=await said_later(conn, session.id),
    )
    return Answer(view, etag=str(session.version))
