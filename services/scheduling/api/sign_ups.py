"""Members sign up for sessions, and see what they signed up for."""

from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Body, Routes
from services.scheduling.api.programme import SignUpView
from services.scheduling.commands import seats
from services.scheduling.commands import sessions as planning
from services.scheduling.store import sessions, sign_ups
from services.scheduling.store.sign_ups import SignUp

routes = Routes("/api/v1/scheduling", tag="scheduling")


class SignUpBody(Body):
    """For which session."""

    session_id: UUID = Field(strict=False)


class SignUpList(BaseModel):
    """The own sign-ups, the latest first."""

    items: list[SignUpView]


@routes.get("/sign-ups")
async def own_sign_ups(ask: Ask, conn: Connection) -> SignUpList:
    """What the member signed up for."""
    member_id = _member(ask)
    found = await sign_ups.sign_ups_of(conn, member_id) if member_id else []
    return SignUpList(items=[await _view(conn, one) for one in found])


@routes.post("/sign-ups", status=201)
async def sign_up(ask: Ask, conn: Connection, body: SignUpBody) -> SignUpView:
    """Take a seat, or a place on the waiting list."""
    member_id = _member(ask)
    if member_id is None:
        raise NotFound("no-such-session", "参加を申し込めるのは、団体の利用者だけです。")
    session = await planning.as_of(conn, body.session_id, ask.now)
    made = await seats.sign_up(
        conn,
        session,
        organisation_id=ask.organisation_id,
        organisation_kind=ask.principal.organisation_kind,
        member_id=member_id,
        now=ask.now,
    )
    return await _view(conn, made)


@routes.post("/sign-ups/{sign_up_id}/withdraw")
async def withdraw(ask: Ask, conn: Connection, sign_up_id: UUID) -> SignUpView:
    """Leave; whoever waited longest takes the seat."""
    known = await sign_ups.sign_up(conn, sign_up_id)
    if known.member_id != _member(ask):
        raise NotFound("no-such-sign-up", "この申込みは見つかりません。")
    session = await planning.as_of(conn, known.session_id, ask.now)
    # Read again: whoever held the lock may just have seated or withdrawn it.
    found = await sign_ups.sign_up(conn, sign_up_id)
    await seats.withdraw(conn, session, found, now=ask.now)
    return await _view(conn, await sign_ups.sign_up(conn, sign_up_id))


def _member(ask: Ask) -> UUID | None:
    return UUID(ask.principal.subject) if ask.principal.kind == "member" else None


async def _view(conn: Connection, found: SignUp) -> SignUpView:
    session = await sessions.session(conn, found.session_id)
    return SignUpView.of(found, session, await sign_ups.place_in_line(conn, found))
