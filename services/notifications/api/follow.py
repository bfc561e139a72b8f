"""Readers from outside: ask to be told, confirm, change, stop. Looking changes nothing; every act is a POST."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection
from chassis.refusal import Gone
from chassis.web import Ask, Routes
from services.notifications.api.desk import DESK
from services.notifications.api.wishes import (
    Language,
    PaceBody,
    SubscriptionView,
    WishBody,
    WishesView,
    veiled,
)
from services.notifications.commands import following
from services.notifications.commands.letters import CONFIRM, STOP
from services.notifications.model.timing import Frequency
from services.notifications.model.tokens import opened_token, token_of
from services.notifications.store import subscribers

routes = Routes("/api/v1/notifications/follow", tag="notifications")


class FollowBody(WishBody):
    """What is wanted, and where to."""

    address: Annotated[str, Field(min_length=3, max_length=254)]
    language: Language = "ja"


class Asked(BaseModel):
    """A mail is on its way, if one was needed; nobody learns which addresses are known."""

    asked: bool = True


class ToConfirm(BaseModel):
    """What would begin."""

    subscription: SubscriptionView


class Confirmed(BaseModel):
    """It begins; ``token`` opens the page that changes and stops it."""

    token: str


class Stopped(BaseModel):
    """Nothing more is sent."""

    stopped: bool = True


@routes.post("", public=True, status=202)
async def follow(ask: Ask, conn: Connection, body: FollowBody) -> Asked:
    """Ask to be told by mail; nothing is sent before the mail that asks is answered."""
    desk = ask.app[DESK]
    await following.ask_to_follow(conn, desk, body.address, body.language, body.wish(), ask.now)
    return Asked()


@routes.get("/confirm/{token}", public=True)
async def look_at_wish(ask: Ask, conn: Connection, token: str) -> ToConfirm:
    """What a link of confirmation is about."""
    found = await subscribers.subscription(conn, opened_token(ask.app[DESK].tag, CONFIRM, token))
    if found is None:
        raise Gone(
            "confirmation-over", "このリンクは期限を過ぎています。もう一度申し込んでください。"
        )
    return ToConfirm(subscription=SubscriptionView.of(found))


@routes.post("/confirm/{token}", public=True, idempotent=False)
async def confirm(ask: Ask, conn: Connection, token: str) -> Confirmed:
    """Begin to be told."""
    tag = ask.app[DESK].tag
    reader = await following.confirm(conn, opened_token(tag, CONFIRM, token), ask.now)
    return Confirmed(token=token_of(tag, STOP, reader))


@routes.get("/{token}", public=True)
async def look(ask: Ask, conn: Connection, token: str) -> WishesView:
    """What the reader of a mail is told of."""
    return await _view(conn, _reader(ask, token))


@routes.post("/{token}/stop", public=True, idempotent=False)
async def stop(ask: Ask, conn: Connection, token: str) -> Stopped:
    """Be told nothing more; this is what one click in a mail program does, too."""
    await following.stop(conn, _reader(ask, token), ask.now)
    return Stopped()


@routes.post("/{token}/subscriptions/{subscription_id}/stop", public=True)
async def stop_one_followed(
    ask: Ask, conn: Connection, token: str, subscription_id: UUID
) -> Stopped:
    """Be told nothing more of one thing."""
    await following.stop_one(conn, _reader(ask, token), subscription_id, ask.now)
    return Stopped()


@routes.post("/{token}/subscriptions/{subscription_id}/pace", public=True)
async def pace(
    ask: Ask, conn: Connection, token: str, subscription_id: UUID, body: PaceBody
) -> WishesView:
    """Be told of one thing at another pace."""
    reader = _reader(ask, token)
    await following.change_pace(conn, reader, subscription_id, Frequency(body.frequency))
    return await _view(conn, reader)


def _reader(ask: Ask, token: str) -> UUID:
    return opened_token(ask.app[DESK].tag, STOP, token)


async def _view(conn: Connection, reader: UUID) -> WishesView:
    row = await subscribers.subscriber(conn, reader)
    if row is None:
        raise Gone("stopped-already", "このメールアドレスには、もう何も送っていません。")
    found = await subscribers.subscriptions(conn, reader)
    return WishesView.of(row, found, address=veiled(row["address"] or "@"))
