"""What members do for themselves: password, second factor, sessions."""

from datetime import timedelta
from uuid import UUID

import segno

from chassis.database import Connection, reading, transaction
from chassis.refusal import FieldError, Invalid
from chassis.web import Ask, Routes
from contracts.principal import Role
from services.identity.api.desk import PREFIX, TAG, hasher, member_id, office, session_id
from services.identity.api.views.members import (
    ChangePasswordBody,
    ConfirmTotpBody,
    MeView,
    OrganisationView,
    RecoveryCodesView,
    SessionsView,
    SessionView,
    StartTotpBody,
    TotpView,
)
from services.identity.commands import passwords, second_factor, visiting
from services.identity.model.members import Member, needs_factor
from services.identity.model.passwords import checked_password, normalised
from services.identity.model.sessions import SessionState, session_over
from services.identity.store import accounts, members, sessions, visitors

routes = Routes(PREFIX, tag=TAG)


async def _myself(conn: Connection, ask: Ask) -> Member:
    found = await members.member(conn, member_id(ask))
    if found is None:
        raise session_over()
    return found


@routes.get("/me")
async def me(ask: Ask, conn: Connection) -> MeView:
    """The member who is signed in, and the organisation."""
    member = await _myself(conn, ask)
    account = await accounts.account(conn, member.account_id)
    session = await sessions.session(conn, session_id(ask))
    if account is None:
        raise session_over()
    return MeView(
        member_id=member.id,
        name=member.name,
        email=member.email,
        sign_in_id=member.sign_in_id,
        roles=sorted(member.roles, key=list(Role).index),
        organisation=OrganisationView(
            organisation_id=account.id,
            organisation_kind=account.organisation_kind,
            organisation_code=account.organisation_code,
            organisation_name=account.organisation_name,
            account_state=account.state.value,
            registration=await accounts.registration_of(conn, account.id),
        ),
        second_factor=member.totp is not None,
        second_factor_required=needs_factor(account.organisation_kind, member.roles),
        recovery_codes_left=await members.recovery_codes_left(conn, member.id),
        password_set_at=member.password_set_at,
        notice=session.notice if session else None,
    )


async def _show_password(ask: Ask, member: Member, password: str, field: str) -> None:
    """Refuse a password that is not the member's own, and slowly."""
    async with hasher(ask).seat() as seat:
        await visiting.check_pace(ask.pool, member, now=ask.now)
        verdict = await seat.verify(member.password_hash, normalised(password))
    if not verdict.right:
        detail = "いまのパスワードが違います。もう一度入力してください。"
        raise Invalid(
            "password-wrong", detail, errors=[FieldError(field, "password_wrong", detail)]
        )
    await visiting.ease_pace(ask.pool, member)


@routes.put("/me/password", idempotent=False)
async def change_password(ask: Ask, body: ChangePasswordBody) -> None:
    """Change the own password; everywhere else the member is signed out."""
    async with reading(ask.pool) as conn:
        member = await _myself(conn, ask)
        account = await accounts.account(conn, member.account_id)
    if account is None:
        raise session_over()
    chosen = checked_password(
        body.password,
        has_factor=member.totp is not None,
        own_words=passwords.own_words(account, member),
    )
    await _show_password(ask, member, body.current_password, "current_password")
    async with hasher(ask).seat() as seat:
        kept = await seat.hash(chosen)
    async with transaction(ask.pool) as conn:
        await passwords.change_password(
            conn,
            office(ask),
            member.id,
            kept,
            seen_set_at=member.password_set_at,
            spare=session_id(ask),
            now=ask.now,
        )


@routes.post("/me/totp", idempotent=False)
async def start_totp(ask: Ask, body: StartTotpBody) -> TotpView:
    """Make a new second factor; it counts once its first code was shown (POST /me/totp/confirm)."""
    async with reading(ask.pool) as conn:
        member = await _myself(conn, ask)
        session = await sessions.session(conn, session_id(ask))
    if session is None or session.state is not SessionState.SECOND_FACTOR_SETUP:
        await _show_password(ask, member, body.password or "", "password")
    async with transaction(ask.pool) as conn:
        new = await second_factor.begin_setup(conn, office(ask), member)
    qr = segno.make(new.uri, error="m").svg_inline(scale=4, border=2)
    return TotpView(secret=new.secret, uri=new.uri, qr_svg=qr)


@routes.post("/me/totp/confirm", idempotent=False)
async def confirm_totp(ask: Ask, conn: Connection, body: ConfirmTotpBody) -> RecoveryCodesView:
    """Show the first code of a new second factor; a session that waited for it is open now."""
    codes = await second_factor.finish_setup(
        conn, office(ask), session_id(ask), body.code, now=ask.now, today=ask.today
    )
    return RecoveryCodesView(recovery_codes=codes)


@routes.get("/me/sessions")
async def my_sessions(ask: Ask, conn: Connection) -> SessionsView:
    """Everywhere the member is signed in."""
    idle_since = ask.now - timedelta(minutes=office(ask).terms.idle_minutes)
    rows = await visitors.living_sessions(conn, member_id(ask), idle_since, ask.now)
    here = ask.principal.session_id
    return SessionsView(
        items=[SessionView(**dict(row), current=row["session_id"] == here) for row in rows]
    )


@routes.delete("/me/sessions/{other_id}")
async def end_my_session(ask: Ask, conn: Connection, other_id: UUID) -> None:
    """Sign out in one of those places."""
    await visiting.end_own(conn, member_id(ask), other_id, now=ask.now)


@routes.post("/me/sessions/end-all")
async def end_all_my_sessions(ask: Ask, conn: Connection) -> None:
    """Sign out everywhere, here too."""
    await visiting.end_all(conn, member_id(ask), now=ask.now)
