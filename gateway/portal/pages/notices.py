"""Notices for everybody and for members, their feeds, and files that are handed out."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal.copies import Copy, copy_of
from gateway.portal.files import file_answer
from gateway.portal.reached import WIDE, reached
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import NOTICE_CATEGORIES

pages = Pages()
_HOME = ("/", "ホーム")
_FIRST_YEAR = 2022
_LIMIT = "20"


async def newest(visit: Visit, as_of: str = "", limit: str = "5") -> Copy:
    """The newest notices, for the first page."""
    asked = {"limit": limit, "language": visit.variant} | ({"as_of": as_of} if as_of else {})
    return await noticed(visit, "notices", asked)


async def noticed(visit: Visit, path: str, asked: dict[str, str]) -> Copy:
    """What the visitor may read: a member also what is meant for members."""
    if visit.visitor is not None:
        own = await visit.ask("GET", f"content/own/{path}", query=asked)
        if own.ok:
            return Copy(own.json())
        if own.status in (404, 410):
            raise Answered(own)
    return await copy_of(visit, f"content/{path}", asked)


@pages.get("/notices")
async def notices(visit: Visit) -> web.StreamResponse:
    """Every notice, by category and year, as of any day."""
    filters = {name: visit.query(name) for name in ("category", "year")}
    filters["as_of"] = visit.day("as_of")
    if filters["category"] not in NOTICE_CATEGORIES:
        filters["category"] = ""
    if not filters["year"].isdecimal() or len(filters["year"]) != 4:
        filters["year"] = ""
    kept = {k: v for k, v in filters.items() if v}
    asked = kept | {"limit": _LIMIT, "language": visit.variant}
    if after := visit.query("after"):
        asked["after"] = after
    copy = await noticed(visit, "notices", asked)
    following = copy.data.get("next")
    return visit.page(
        "notices/list.html",
        "お知らせ",
        crumbs=(_HOME,),
        copy=copy,
        found=copy.data,
        filters=filters,
        kept=kept,
        chips=_chips(kept),
        years=range(today().year, _FIRST_YEAR - 1, -1),
        next_address=f"/notices?{urlencode(kept | {'after': following})}" if following else "",
        feed=filters["category"] or "all",
    )


def _chips(kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Each category with its address, and whether it is the one shown."""
    rest = {k: v for k, v in kept.items() if k != "category"}
    wanted = kept.get("category", "")
    chosen: list[tuple[str, str, bool]] = []
    for name, words in [("", "すべて"), *NOTICE_CATEGORIES.items()]:
        query = urlencode(({"category": name} if name else {}) | rest)
        chosen.append((words, f"/notices?{query}" if query else "/notices", name == wanted))
    return chosen


@pages.get("/notices/{notice_id}")
async def notice(visit: Visit) -> web.StreamResponse:
    """One notice with its corrections and history; of one that is gone, when and why."""
    asked = {"language": visit.variant}
    if as_of := visit.day("as_of"):
        asked["as_of"] = as_of
    path = f"notices/{visit.part('notice_id')}"
    try:
        copy = await noticed(visit, path, asked)
    except Answered as why:
        if why.reply.status != 410:
            raise
        return _gone(visit, why.reply.json())
    if not copy.known:
        raise Answered(await visit.ask("GET", f"content/{path}", query=asked))
    found = copy.data
    return visit.page(
        "notices/notice.html",
        found["title"],
        crumbs=(_HOME, ("/notices", "お知らせ")),
        copy=copy,
        notice=found,
        as_of=as_of,
        translated=found["language"] == visit.variant,
        # At an earlier day it had reached fewer: only today's number is known.
        reach=None if as_of else await reached(visit, f"notice/{found['notice_id']}"),
        bar=WIDE,
    )


def _gone(visit: Visit, problem: dict[str, Any]) -> web.Response:
    crumbs = (_HOME, ("/notices", "お知らせ"))
    title = "このお知らせは取り下げました"
    if problem.get("code") == "notice-ended":
        title = "このお知らせの掲載は終わりました"
    return visit.page("notices/gone.html", title, status=410, crumbs=crumbs, gone=problem)


@pages.get("/feeds/{name:[a-z]+}.{ending:atom|json}")
async def feed(visit: Visit) -> web.StreamResponse:
    """The newest notices as Atom or JSON Feed, all of them or those of a category."""
    path = f"content/feeds/{visit.part('name')}.{visit.part('ending')}"
    reply = await visit.ask("GET", path)
    if not reply.ok:
        raise Answered(reply)
    headers = {
        name: reply.headers[name] for name in ("Content-Type", "ETag") if name in reply.headers
    }
    return web.Response(body=reply.body, headers=headers | {"Cache-Control": "public, no-cache"})


@pages.get("/files/{file_id}")
async def file(visit: Visit) -> web.StreamResponse:
    """A file that is handed out to the visitor."""
    file_id = visit.part("file_id")
    public, own = f"content/files/{file_id}", f"content/own/files/{file_id}"
    first = await visit.ask("GET", own if visit.visitor else public)
    return file_answer(first)
