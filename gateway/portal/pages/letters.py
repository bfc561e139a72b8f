"""The letter box: every letter as it was sent."""

from urllib.parse import urlencode

from aiohttp import web

from gateway.portal.doors import ANY_DOOR, BEHIND
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit
from gateway.portal.words import moment

pages = Pages(BEHIND)


@pages.get(f"{ANY_DOOR}/messages")
async def letters(visit: Visit) -> web.StreamResponse:
    """Letters, newest first."""
    after = visit.query("after")
    found = await visit.get("notifications/letters", {"after": after} if after else None)
    return visit.page(
        "organisation/letters.html",
        "メッセージ",
        crumbs=((visit.door.home, "仕事の一覧"),),
        letters=found["items"],
        unread=found.get("unread", 0),
        next_address=f"?{urlencode({'after': found['next']})}" if found.get("next") else "",
    )


@pages.get(ANY_DOOR + "/messages/{letter_id}")
async def letter(visit: Visit) -> web.StreamResponse:
    """One letter, word for word."""
    found = await visit.get(f"notifications/letters/{visit.part('letter_id')}")
    return visit.page(
        "organisation/letter.html",
        str(found.get("subject", "メッセージ")),
        crumbs=((visit.door.home, "仕事の一覧"), (f"{visit.door.home}/messages", "メッセージ")),
        # Two letters may say the same: the minute in the window's title tells them apart.
        within=moment(str(found["written_at"])),
        letter=found,
    )


@pages.post(ANY_DOOR + "/messages/{letter_id}/read")
async def read(visit: Visit) -> web.StreamResponse:
    """Mark a letter as read."""
    form = await visit.form()
    path = f"notifications/letters/{visit.part('letter_id')}/read"
    await visit.ask("POST", path, body={}, key=form.key)
    return visit.go(f"{visit.door.home}/messages")
