"""The public doors: guidelines, account requests, mailed links, passwords.

Bodies here hold tokens and passwords, so nothing of them is kept for replays (``idempotent=False``): the hash of a
body would let a thief of the database guess passwords cheaply. Links work once, which does the same service.
"""

from chassis.database import Connection, reading, transaction
from chassis.web import Ask, Routes
from contracts.values import OrganisationKind
from services.identity.api.desk import PREFIX, TAG, hasher, office
from services.identity.api.views.public import (
    AccountRequestBody,
    AskedView,
    ConfirmedView,
    GuidelinesView,
    GuidelineView,
    LinkView,
    PasswordResetBody,
    PasswordSetView,
    SetPasswordBody,
    TokenBody,
)
from services.identity.commands import asks, issuing, passwords
from services.identity.model.links import Purpose
from services.identity.model.members import MemberState
from services.identity.model.requests import RequestForm, guidelines_on

routes = Routes(PREFIX, tag=TAG)


@routes.get("/guidelines", public=True)
async def guidelines(ask: Ask) -> GuidelinesView:
    """The registration guidelines to be read and accepted now."""
    return GuidelinesView(
        items=[
            GuidelineView(
                organisation_kind=g.organisation_kind,
                version=g.version,
                title=g.title,
                updated_on=g.updated_on,
            )
            for g in guidelines_on(ask.today)
        ]
    )


@routes.post("/account-requests", public=True, idempotent=False, status=202)
async def request_account(ask: Ask, conn: Connection, body: AccountRequestBody) -> AskedView:
    """Ask for an account; the answer is the same whoever is known already."""
    fields = body.model_dump() | {"organisation_kind": OrganisationKind(body.organisation_kind)}
    form = RequestForm(**fields).checked(ask.today)
    await asks.ask_for_account(conn, office(ask), form, now=ask.now)
    return AskedView(detail="メールをお送りしました。24時間以内にメールのリンクを開いてください。")


@routes.post("/links/look", public=True, idempotent=False)
async def look_at_link(ask: Ask, body: TokenBody) -> LinkView:
    """What a mailed link is for; looking changes nothing, however often."""
    async with reading(ask.pool) as conn:
        seen = await passwords.look(conn, body.token)
    link, member = seen.link, seen.member
    return LinkView(
        purpose=link.purpose.value,
        state=link.state(ask.now).value,
        organisation_name=seen.account.organisation_name,
        organisation_kind=seen.account.organisation_kind,
        expires_at=link.expires_at,
        sign_in_id=member.sign_in_id if member else None,
        member_name=member.name if member else None,
        roles=sorted(member.roles) if member else [],
        renewable=link.renewable(ask.now)
        and (link.purpose is Purpose.ACCOUNT_LINK or seen.account.usable)
        and (member is None or member.state is not MemberState.REMOVED),
    )


@routes.post("/links/renew", public=True, idempotent=False, status=202)
async def renew_link(ask: Ask, conn: Connection, body: TokenBody) -> AskedView:
    """Mail a fresh link in place of this one, if there is anything to renew."""
    await asks.ask_for_link(conn, office(ask), body.token, now=ask.now)
    return AskedView(detail="新しいリンクをメールでお送りしました。メールをご確認ください。")


@routes.post("/account-requests/confirm", public=True, idempotent=False)
async def confirm_request(ask: Ask, conn: Connection, body: TokenBody) -> ConfirmedView:
    """Confirm the address of a request; the account ID is given out."""
    done = await issuing.confirm(conn, office(ask), body.token, now=ask.now)
    return ConfirmedView(
        sign_in_id=done.sign_in_id,
        password_token=done.password_token,
        organisation_name=done.organisation_name,
    )


@routes.post("/passwords", public=True, idempotent=False)
async def set_password(ask: Ask, body: SetPasswordBody) -> PasswordSetView:
    """Set the password that goes with a mailed link."""
    async with reading(ask.pool) as conn:
        chosen = await passwords.check_new_password(conn, body.token, body.password, now=ask.now)
    async with hasher(ask).seat() as seat:
        kept = await seat.hash(chosen)
    async with transaction(ask.pool) as conn:
        sign_in_id = await passwords.set_password(conn, office(ask), body.token, kept, now=ask.now)
    return PasswordSetView(sign_in_id=sign_in_id)


@routes.post("/password-resets", public=True, idempotent=False, status=202)
async def reset_password(ask: Ask, conn: Connection, body: PasswordResetBody) -> AskedView:
    """Ask for a new password; the answer is the same whoever is known."""
    await asks.ask_for_reset(
        conn, office(ask), body.sign_in_id.strip().lower(), body.email, now=ask.now
    )
    return AskedView(
        detail="入力された内容に合うアカウントがあれば、パスワードを決め直すリンクをメールでお送りします。"
    )
