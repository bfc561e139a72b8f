"""A member's own centre: what they want to hear of, how, and when not."""

from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Forbidden, Stale
from chassis.web import Answer, Ask, Routes
from services.notifications.api.wishes import Language, PaceBody, Quiet, WishBody, WishesView
from services.notifications.commands import following
from services.notifications.model.timing import Frequency
from services.notifications.store import subscribers

routes = Routes("/api/v1/notifications", tag="notifications")


class WaysBody(Quiet):
    """How one wants to be told: always in the letter box, by mail if wanted, not in the quiet hours."""

    language: Language
    by_mail: bool


@routes.get("/subscriptions")
async def wishes(ask: Ask, conn: Connection) -> Answer:
    """What the member wants to hear of."""
    return await _view(conn, _member_id(ask))


@routes.put("/subscriptions/ways", if_match=True)
async def save_ways(ask: Ask, conn: Connection, body: WaysBody) -> Answer:
    """Change how the member is told."""
    quiet = body.hours()
    member_id = _member_id(ask)
    await subscribers.add_member(conn, member_id)
    saved = await subscribers.save_wishes(
        conn,
        member_id,
        ask.if_match or 0,
        language=body.language,
        by_mail=body.by_mail,
        quiet_from=quiet.begin if quiet else None,
        quiet_until=quiet.end if quiet else None,
    )
    if not saved:
        raise Stale(
            "ways-stale", "別の画面で変更されています。開き直してから、もう一度お試しください。"
        )
    return await _view(conn, member_id)


@routes.post("/subscriptions")
async def subscribe(ask: Ask, conn: Connection, body: WishBody) -> Answer:
    """Hear of something from now on."""
    member_id = _member_id(ask)
    await subscribers.add_member(conn, member_id)
    await following.follow(conn, member_id, body.wish(), ask.now)
    return await _view(conn, member_id)


@routes.post("/subscriptions/{subscription_id}/pace")
async def change_pace(ask: Ask, conn: Connection, subscription_id: UUID, body: PaceBody) -> Answer:
    """Hear of it at another pace."""
    member_id = _member_id(ask)
    await following.change_pace(conn, member_id, subscription_id, Frequency(body.frequency))
    return await _view(conn, member_id)


@routes.post("/subscriptions/{subscription_id}/stop")
async def stop_one(ask: Ask, conn: Connection, subscription_id: UUID) -> Answer:
    """Hear of it no more."""
    member_id = _member_id(ask)
    await following.stop_one(conn, member_id, subscription_id, ask.now)
    return await _view(conn, member_id)


async def _view(conn: Connection, member_id: UUID) -> Answer:
    row = await subscribers.subscriber(conn, member_id)
    if row is None:
        view = WishesView(
            language="ja",
            by_mail=True,
            quiet_from=None,
            quiet_until=None,
            address=None,
            revision=1,
            subscriptions=[],
        )
    else:
        found = await subscribers.subscriptions(conn, member_id)
        view = WishesView.of(row, found, address=row["address"])
    return Answer(view, etag=str(view.revision))


def _member_id(ask: Ask) -> UUID:
    if ask.principal.kind != "member":
        raise Forbidden("members-only", "受け取り設定は、ログインした方だけが変えられます。")
    return UUID(ask.principal.subject)
