"""The public doors that answer the same to everybody: what was asked is kept sealed and answered by mail."""

from datetime import datetime
from typing import Literal

import structlog
from pydantic import BaseModel, TypeAdapter

from chassis.database import Connection
from chassis.ids import new_id
from services.identity.commands import requests
from services.identity.commands.mailing import (
    can_be_mailed,
    is_pending,
    mail_reset_link,
    may_mail,
    renew_member_link,
)
from services.identity.commands.office import Office
from services.identity.model.links import Purpose, hash_of
from services.identity.model.members import MemberState
from services.identity.model.requests import RequestForm, email_key
from services.identity.store import account_requests, accounts, asks, links, members

_log = structlog.get_logger()
_FORM = TypeAdapter(RequestForm)


class _Renewal(BaseModel):
    token: str


class _Reset(BaseModel):
    sign_in_id: str
    email: str


async def _ask(
    conn: Connection,
    office: Office,
    kind: Literal["account", "renewal", "password_reset"],
    content: str,
    now: datetime,
) -> None:
    sealed = office.keys.seal("identity", content)
    await asks.add_ask(conn, asks.Ask(new_id(), kind, sealed, now))
    conn.after_commit.append(office.asked.set)


async def ask_for_account(
    conn: Connection, office: Office, form: RequestForm, *, now: datetime
) -> None:
    """Take an account request down."""
    await _ask(conn, office, "account", _FORM.dump_json(form).decode(), now)


async def ask_for_link(conn: Connection, office: Office, token: str, *, now: datetime) -> None:
    """Take the wish for a fresh link down."""
    await _ask(conn, office, "renewal", _Renewal(token=token).model_dump_json(), now)


async def ask_for_reset(
    conn: Connection, office: Office, sign_in_id: str, email: str, *, now: datetime
) -> None:
    """Take the wish for a new password down."""
    content = _Reset(sign_in_id=sign_in_id, email=email).model_dump_json()
    await _ask(conn, office, "password_reset", content, now)


async def answer(conn: Connection, office: Office, ask: asks.Ask, *, now: datetime) -> None:
    """Do what was asked, once, if there is anything to do."""
    if not await asks.take_ask(conn, ask.id):
        return
    content = office.keys.unseal(ask.content)
    if ask.kind == "account":
        await requests.answer_request(conn, office, _FORM.validate_json(content), now=now)
    elif ask.kind == "renewal":
        await _renew(conn, office, _Renewal.model_validate_json(content).token, now)
    else:
        await _reset(conn, office, _Reset.model_validate_json(content), now)


async def _renew(conn: Connection, office: Office, token: str, now: datetime) -> None:
    seen = await links.link(conn, hash_of(token))
    if seen is None or not seen.renewable(now):
        return
    account = await accounts.account_for_update(conn, seen.account_id)
    if seen.purpose is Purpose.ACCOUNT_LINK:
        request = await account_requests.request_of(conn, account)
        if (
            request
            and is_pending(account)
            and await may_mail(conn, office, request.form.email, now)
        ):
            await requests.renew_request_link(conn, office, account, now=now)
        return
    member = await members.member_for_update(conn, seen.member_id) if seen.member_id else None
    if member is None or not can_be_mailed(account, member):
        return
    if await may_mail(conn, office, member.email, now):
        if member.state is MemberState.INVITED:
            await renew_member_link(conn, office, account, member, now)
        else:
            await mail_reset_link(conn, office, account, member, now)


async def _reset(conn: Connection, office: Office, reset: _Reset, now: datetime) -> None:
    seen = await members.member_by_sign_in_id(conn, reset.sign_in_id)
    if seen is None or email_key(seen.email) != email_key(reset.email):
        _log.info("a password reset for nobody")
        return
    account = await accounts.account_for_update(conn, seen.account_id)
    member = await members.member_for_update(conn, seen.id)
    if member is None or not can_be_mailed(account, member):
        return
    if await may_mail(conn, office, member.email, now):
        if member.state is MemberState.INVITED:
            await renew_member_link(conn, office, account, member, now)
        else:
            await mail_reset_link(conn, office, account, member, now)
