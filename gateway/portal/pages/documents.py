"""The shelf of documents, and their reading copies in every version."""

from typing import Any

from aiohttp import web

from gateway.portal.copies import Copy, copy_of
from gateway.portal.routes import Pages
from gateway.portal.shelf import format_of, shelf
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import edition

pages = Pages()
_HOME = ("/", "ホーム")
_CRUMBS = (_HOME, ("/documents", "資料・要領"))
_AGREEING = ("admin", "editor", "approver")


@pages.get("/documents")
async def documents(visit: Visit) -> web.StreamResponse:
    """Every document by audience, as of any day, and what is handed out."""
    as_of = visit.day("as_of")
    found = await shelf(visit, as_of)
    return visit.page(
        "documents/list.html",
        "資料・要領",
        crumbs=(_HOME,),
        shelf=found,
        as_of=as_of,
        materials=await _materials(visit, as_of),
        format_of=format_of,
    )


async def _materials(visit: Visit, as_of: str) -> list[dict[str, Any]]:
    query = {"as_of": as_of} if as_of else None
    if visit.visitor is not None:
        own = await visit.ask("GET", "content/own/materials", query=query)
        if own.ok:
            return list(own.json()["items"])
    copy = await copy_of(visit, "content/materials", query)
    return list(copy.data.get("items", []))


@pages.get("/documents/{slug}")
async def document(visit: Visit) -> web.StreamResponse:
    """The reading copy of a document in the version of a day."""
    return await _version(visit, f"documents/{visit.part('slug')}")


@pages.get(r"/documents/{slug}/versions/{number:\d{1,4}}")
async def version(visit: Visit) -> web.StreamResponse:
    """The reading copy of one version, with what changed since the one before."""
    return await _version(visit, f"documents/{visit.part('slug')}/versions/{visit.part('number')}")


async def _version(visit: Visit, path: str) -> web.Response:
    asked = {"language": visit.variant}
    if as_of := visit.day("as_of"):
        asked["as_of"] = as_of
    copy = await _found(visit, path, asked)
    found = copy.data
    numbered = "/versions/" in path
    title = f"{found['title']}（{edition(found['name'])}版）" if numbered else found["title"]
    return visit.page(
        "documents/document.html",
        title,
        crumbs=(*_CRUMBS, (f"/documents/{found['slug']}", found["title"])) if numbered else _CRUMBS,
        copy=copy,
        document=found,
        as_of=as_of,
        numbered=numbered,
        format_of=format_of,
        agreement=await _agreement(visit, found),
        translated=found["language"] == visit.variant,
    )


async def _found(visit: Visit, path: str, asked: dict[str, str]) -> Copy:
    if visit.visitor is not None:
        own = await visit.ask("GET", f"content/own/{path}", query=asked)
        if own.ok:
            return Copy(own.json())
    copy = await copy_of(visit, f"content/{path}", asked)
    if not copy.known:
        raise Answered(await visit.ask("GET", f"content/{path}", query=asked))
    return copy


async def _agreement(visit: Visit, found: dict[str, Any]) -> dict[str, Any] | None:
    """Which version the visitor's organisation agreed to, for those who can be bound by it."""
    if visit.visitor is None or visit.visitor.organisation_kind != found["shelf"]:
        return None
    reply = await visit.ask("GET", f"content/own/documents/{found['slug']}/bound")
    if not reply.ok:
        return None
    return {**reply.json(), "may": visit.has(*_AGREEING)}


@pages.post("/documents/{slug}/accept")
async def accept(visit: Visit) -> web.StreamResponse:
    """Agree to a version on behalf of the organisation."""
    form, slug = await visit.form(), visit.part("slug")
    number = form["number"]
    reply = await visit.ask(
        "POST",
        f"content/own/documents/{slug}/acceptances",
        body={"number": int(number) if number.isdecimal() else 0},
        key=form.key,
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/documents/{slug}?done=accepted")
