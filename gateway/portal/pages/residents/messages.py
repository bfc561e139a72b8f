"""A resident's letters: every one as it was sent, by mail too or not."""

from urllib.parse import urlencode

from aiohttp import web

from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import moment

pages = Pages(residents=True)
_HERE = "/my/messages"
_ONE = _HERE + "/{letter_id:[0-9a-f]{8}-[0-9a-f-]{27}}"
_CRUMBS = (("/my", "申し込んだ施策"),)


@pages.get(_HERE)
async def messages(visit: Visit) -> web.StreamResponse:
    """Letters, newest first."""
    after = visit.query("after")
    found = await visit.get("notifications/letters", {"after": after} if after else None)
    return visit.page(
        "my/messages.html",
        "メッセージ",
        crumbs=_CRUMBS,
        letters=found["items"],
        unread=found["unread"],
        next_address=f"?{urlencode({'after': found['next']})}" if found["next"] else "",
    )


@pages.get(_ONE)
async def message(visit: Visit) -> web.StreamResponse:
    """One letter, word for word."""
    found = await visit.get(f"notifications/letters/{visit.part('letter_id')}")
    return visit.page(
        "my/message.html",
        found["subject"],
        crumbs=(*_CRUMBS, (_HERE, "メッセージ")),
        # Two letters may say the same: the minute in the window's title tells them apart.
        within=moment(found["written_at"]),
        letter=found,
    )


@pages.post(_ONE + "/read")
async def read(visit: Visit) -> web.StreamResponse:
    """Mark a letter as read."""
    form = await visit.form()
    path = f"notifications/letters/{visit.part('letter_id')}/read"
    reply = await visit.ask("POST", path, body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(_HERE)


async def unread_of(visit: Visit) -> int:
    """How many letters wait to be read; none where the box does not answer, so that nothing else waits for it."""
    reply = await visit.ask("GET", "notifications/letters", query={"limit": "1"})
    return int(reply.json()["unread"]) if reply.ok else 0
