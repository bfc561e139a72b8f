"""Feeds of notices, what of content belongs into the map of the site, and the whole site at an instant."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, Field

from chassis.clock import day_of
from chassis.database import Connection, Record
from chassis.web import Answer, Ask, Query, Routes
from contracts.values import OrganisationKind
from services.content.api.asked import start_of
from services.content.api.document_views import DocumentList
from services.content.api.documents import shelf_at
from services.content.api.kept import PUBLIC_URL
from services.content.api.materials import MaterialView, material_view
from services.content.api.notices import PUBLIC, how_long
from services.content.api.roles import SECRETARIAT
from services.content.api.views import NoticeItem, item_of
from services.content.model.audience import readable_by
from services.content.model.feed import Entry, Feed, atom, json_feed
from services.content.store import materials, showings
from services.content.store.showings import Moment, Wanted

routes = Routes("/api/v1/content", tag="content")
_ENTRIES, _PAGES, _SITE = 50, 5_000, 200


class FeedName(StrEnum):
    """All notices, or those of a category."""

    ALL = "all"
    MAINTENANCE = "maintenance"
    DOCUMENT = "document"
    LIST = "list"
    SESSION = "session"
    PROGRAMME = "programme"


@routes.get("/feeds/{name}.atom", public=True, content_type="application/atom+xml")
async def atom_feed(ask: Ask, conn: Connection, name: FeedName) -> Answer:
    """The newest notices as Atom."""
    headers = await how_long(conn, ask)
    content = atom(await _feed(ask, conn, name))
    return Answer(content, content_type="application/atom+xml", headers=headers)


@routes.get("/feeds/{name}.json", public=True, content_type="application/feed+json")
async def json_feed_of(ask: Ask, conn: Connection, name: FeedName) -> Answer:
    """The newest notices as JSON Feed."""
    headers = await how_long(conn, ask)
    content = orjson.dumps(json_feed(await _feed(ask, conn, name)))
    return Answer(content, content_type="application/feed+json", headers=headers)


async def _feed(ask: Ask, conn: Connection, name: FeedName) -> Feed:
    category = None if name is FeedName.ALL else name.value
    wanted = Wanted(Moment(ask.now, present=True), PUBLIC, category, limit=_ENTRIES)
    rows = await showings.page(conn, wanted)
    changed = await showings.changed_at(conn, [row["id"] for row in rows])
    entries = [_entry(row, changed) for row in rows[:_ENTRIES]]
    return Feed(ask.app[PUBLIC_URL], name.value, entries)


def _entry(row: Record, changed: dict[UUID, datetime]) -> Entry:
    text = orjson.loads(row["texts"])["ja"]
    published_at: datetime = row["publish_at"]
    return Entry(
        id=row["id"],
        title=text["title"],
        body=text.get("body", ""),
        category=row["category"],
        amendment=row["amendment"],
        published_at=published_at,
        changed_at=max(published_at, changed.get(row["id"], published_at)),
    )


class SitePage(BaseModel):
    """An address of the portal that content makes, and when it changed last."""

    path: str
    changed_at: datetime


class SiteMap(BaseModel):
    """Where the portal is, and the pages of it that content makes."""

    public_url: str
    pages: list[SitePage]


@routes.get("/sitemap", public=True, answers=SiteMap)
async def sitemap(ask: Ask, conn: Connection) -> Answer:
    """Every public notice and document."""
    moment = Moment(ask.now, present=True)
    headers = await how_long(conn, ask)
    rows = await showings.page(conn, Wanted(moment, PUBLIC, limit=_PAGES))
    pages = [SitePage(path=f"/notices/{r['id']}", changed_at=r["publish_at"]) for r in rows]
    shelf = await shelf_at(conn, moment, PUBLIC)
    pages += [
        SitePage(path=f"/documents/{d.slug}", changed_at=start_of(d.effective_on))
        for d in shelf.items
    ]
    found = SiteMap(public_url=ask.app[PUBLIC_URL], pages=pages)
    return Answer(found, headers=headers)


class SiteQuery(Query):
    """The instant whose site is wanted, past or to come, and whose eyes see it."""

    at: AwareDatetime
    known_at: AwareDatetime | None = None
    eyes: Literal["public", "municipality", "provider"] = "public"
    language: Literal["ja", "easy", "en"] = "ja"
    limit: Annotated[int, Field(ge=1, le=_SITE)] = _SITE


class SiteView(BaseModel):
    """What content shows on the whole site at an instant."""

    at: datetime
    total: int
    notices: list[NoticeItem]
    documents: DocumentList
    materials: list[MaterialView]


@routes.get("/desk/site", organisation=SECRETARIAT)
async def site(ask: Ask, conn: Connection, query: SiteQuery) -> SiteView:
    """The whole site as it was, or as it will be by what is scheduled now."""
    kind = None if query.eyes == "public" else OrganisationKind(query.eyes)
    audiences = tuple(audience.value for audience in readable_by(kind))
    moment = Moment(query.at, present=False, known_at=query.known_at)
    rows = await showings.page(conn, Wanted(moment, audiences, limit=query.limit))
    day = day_of(query.at)
    handed_out = await materials.materials(conn, audiences, None, query.at)
    return SiteView(
        at=query.at,
        total=rows[0]["total"] if rows else 0,
        notices=[item_of(row, query.language, day) for row in rows[: query.limit]],
        documents=await shelf_at(conn, moment, audiences),
        materials=[material_view(material) for material in handed_out],
    )
