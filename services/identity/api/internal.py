"""Doors for the gateway alone: sessions opened, exchanged for tokens, ended.

They take no part in the edge's transaction: hashing happens between two short ones, and a refused code or a knock that
came too early is kept although the answer is a refusal.
"""

from chassis.database import reading, transaction
from chassis.refusal import Refusal
from chassis.web import Ask, Routes
from services.identity.api.desk import hasher, office
from services.identity.api.views.cards import decoded
from services.identity.api.views.internal import (
    CardOpenedView,
    CardSessionBody,
    DeskSessionBody,
    ExchangedView,
    OpenedView,
    OpenSessionBody,
    ResidentView,
    SecondFactorBody,
    SessionBody,
    VisitorView,
)
from services.identity.commands import (
    cards,
    resident_visits,
    residents,
    second_factor,
    sign_in,
    visiting,
)
from services.identity.commands.cards import Reading
from services.identity.commands.resident_visits import OpenedForResident
from services.identity.commands.sign_in import Knock, Opened
from services.identity.commands.visiting import Visit
from services.identity.model.passwords import normalised
from services.identity.model.residents import EndReason
from services.identity.model.sessions import SessionState, sign_in_refused
from services.identity.model.tries import too_many
from services.identity.store import members

routes = Routes("/internal", tag="internal")


@routes.post("/sessions", internal=True)
async def open_session(ask: Ask, body: OpenSessionBody) -> OpenedView:
    """Sign in with an account ID and its password."""
    at_door = Knock(body.sign_in_id, body.address, body.user_agent, body.device)
    async with hasher(ask).seat() as seat:
        async with transaction(ask.pool) as conn:
            attempt = await sign_in.knock(conn, at_door, now=ask.now)
        if attempt.wait:
            raise too_many(attempt.wait)
        kept = attempt.member.password_hash if attempt.member else None
        password = normalised(body.password)
        verdict = await seat.verify(kept, password)
        stronger = await seat.hash(password) if verdict.rehash else None
    if not verdict.right:
        raise sign_in_refused()
    async with transaction(ask.pool) as conn:
        opened = await sign_in.enter(
            conn, office(ask), at_door, attempt, now=ask.now, today=ask.today
        )
        if stronger and kept and attempt.member:
            await members.rehash(conn, attempt.member.id, kept, stronger)
    if opened is None:
        raise sign_in_refused()
    return _opened(ask, opened)


def _opened(ask: Ask, opened: Opened) -> OpenedView:
    state = opened.session.state
    return OpenedView(
        session=opened.value,
        state="second_factor"
        if state is SessionState.SECOND_FACTOR
        else "second_factor_setup"
        if state is SessionState.SECOND_FACTOR_SETUP
        else "open",
        expires_at=opened.session.idle_until(office(ask).terms),
        device=opened.device,
    )


@routes.post("/sessions/second-factor", internal=True)
async def show_second_factor(ask: Ask, body: SecondFactorBody) -> OpenedView:
    """Show the code a session waits for; the session goes on under a new value."""
    async with transaction(ask.pool) as conn:
        shown = await second_factor.show(
            conn, office(ask), body.session, body.code, body.address, now=ask.now, today=ask.today
        )
    if isinstance(shown, Refusal):
        raise shown
    return _opened(ask, shown)


@routes.post("/sessions/exchange", internal=True)
async def exchange(ask: Ask, body: SessionBody) -> ExchangedView:
    """A token that speaks for the session's member, or resident, for a minute."""
    if body.session.startswith(resident_visits.MARK):
        return await _exchange_resident(ask, body.session)
    async with reading(ask.pool) as conn:
        seen = await visiting.visit(conn, office(ask), body.session, now=ask.now)
        await visiting.still_there(conn, seen, now=ask.now)
    token, expires_at = visiting.token_for(office(ask), seen, now=ask.now)
    return ExchangedView(
        token=token,
        expires_at=expires_at,
        idle_until=seen.session.idle_until(office(ask).terms),
        ends_at=seen.session.ends_at,
        me=_visitor(seen),
    )


async def _exchange_resident(ask: Ask, value: str) -> ExchangedView:
    async with reading(ask.pool) as conn:
        seen = await resident_visits.visit(conn, office(ask), value, now=ask.now)
        await resident_visits.still_there(conn, seen, now=ask.now)
    token, expires_at = resident_visits.token_for(office(ask), seen, now=ask.now)
    known, desk = residents.called(office(ask), seen.resident), seen.session.desk
    name = "" if known is None else known.masked if desk else known.name
    return ExchangedView(
        token=token,
        expires_at=expires_at,
        idle_until=seen.session.idle_until(resident_visits.idle_after(office(ask))),
        ends_at=seen.session.ends_at,
        me=ResidentView(
            resident_id=seen.resident.id,
            name=name,
            birth_year=known.birth_on.year if known else None,
            session_id=seen.session.id,
            desk_id=desk.id if desk else None,
            terminal=desk.terminal if desk else "",
        ),
    )


@routes.post("/sessions/card", internal=True)
async def open_by_card(ask: Ask, body: CardSessionBody) -> CardOpenedView:
    """Sign a resident in whose card answered."""
    reading_ = await _read(ask, body)
    async with transaction(ask.pool) as conn:
        opened = await resident_visits.sign_in(conn, office(ask), reading_, now=ask.now)
    return _opened_by_card(ask, opened)


@routes.post("/sessions/desk", internal=True)
async def open_at_desk(ask: Ask, body: DeskSessionBody) -> CardOpenedView:
    """Begin with the next person at a desk."""
    reading_ = await _read(ask, body)
    async with transaction(ask.pool) as conn:
        opened = await resident_visits.start_at_desk(
            conn,
            office(ask),
            reading_,
            staff_value=body.staff_session,
            terminal=body.terminal,
            now=ask.now,
        )
    return _opened_by_card(ask, opened)


async def _read(ask: Ask, body: CardSessionBody) -> Reading:
    return await cards.read(
        ask.pool,
        office(ask),
        body.challenge_id,
        decoded(body.certificate),
        decoded(body.signature),
        now=ask.now,
    )


def _opened_by_card(ask: Ask, opened: OpenedForResident) -> CardOpenedView:
    until = opened.session.idle_until(resident_visits.idle_after(office(ask)))
    return CardOpenedView(session=opened.value, expires_at=until)


def _visitor(seen: Visit) -> VisitorView:
    is_open = seen.session.state is SessionState.OPEN
    return VisitorView(
        member_id=seen.member.id,
        name=seen.member.name,
        sign_in_id=seen.member.sign_in_id,
        organisation_id=seen.account.id,
        organisation_kind=seen.account.organisation_kind,
        organisation_name=seen.account.organisation_name,
        roles=sorted(seen.member.roles) if is_open else [],
        state="open" if is_open else "second_factor_setup",
        account_state=seen.account.state.value,
        registration=seen.registration,
        session_id=seen.session.id,
        notice=seen.session.notice,
    )


@routes.post("/sessions/end", internal=True)
async def end_session(ask: Ask, body: SessionBody) -> None:
    """Sign out."""
    async with transaction(ask.pool) as conn:
        if body.session.startswith(resident_visits.MARK):
            reason = body.reason or EndReason.SIGNED_OUT
            await resident_visits.end_by_value(conn, body.session, reason, now=ask.now)
        else:
            await visiting.end_by_value(conn, body.session, now=ask.now)
