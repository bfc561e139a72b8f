"""What was announced, how far it reached, which languages are missing, and which way mails go."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Connection, Record
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import NotFound
from chassis.web import Query, Routes
from contracts.values import OrganisationKind
from services.notifications.model import reach as rules
from services.notifications.model.announcement import LANGUAGES
from services.notifications.model.writing import missing, newest
from services.notifications.store import announcements, reach
from services.notifications.store import routes as ways

routes = Routes("/api/v1/notifications", tag="notifications")

_SECRETARIAT = {OrganisationKind.SECRETARIAT}
_CHANGES = 20


class AnnouncementsQuery(Query):
    """Which announcements, and how many."""

    after: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    #: Only those about one subject (``notice/…``, ``maintenance/…``).
    about: Annotated[str | None, Field(max_length=100)] = None


class AboutQuery(Query):
    """What an announcement is about."""

    about: Annotated[str, Field(pattern=r"^[a-z_]{1,30}/[0-9a-f-]{36}$")]


class ReachOf(BaseModel):
    """intended = delivered + failed + pending, at every instant."""

    intended: int
    delivered: int
    failed: int
    pending: int
    reasons: dict[str, int]
    unknown: int
    repeated: int

    @classmethod
    def of(cls, found: rules.Reach) -> Self:
        """The view of a reach."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class AnnouncementView(BaseModel):
    """An announcement and how far it reached."""

    announcement_id: UUID
    about: str
    about_revision: int
    kind: str
    subject: str
    summary: str
    address: str
    urgent: bool
    corrects: str | None
    announced_at: datetime
    #: When everybody stood in line; until then ``intended`` still grows.
    spread_at: datetime | None
    #: Languages in which the Japanese text was sent.
    missing: list[str]
    reach: ReachOf


class PublicReachView(BaseModel):
    """What everybody may know: numbers of one to nine people are left out, and so is what they follow from."""

    about: str
    intended: int | None
    delivered: int | None
    failed: int | None
    pending: int | None
    rounded: bool
    #: Whether everybody stands in line; until then ``intended`` still grows.
    complete: bool


class TemplateLine(BaseModel):
    """The words of one kind of announcement: its newest version in each language, and the languages it lacks."""

    template: str
    versions: dict[str, int]
    missing: list[str]


class Templates(BaseModel):
    """Every template of an announcement."""

    items: list[TemplateLine]


class ShareView(BaseModel):
    """How many of a hundred mails go by the second server, since when and why."""

    secondary_percent: int
    decided_at: datetime
    why: str


class WaysView(BaseModel):
    """The share now and the last changes of it, newest first."""

    now: ShareView
    changes: list[ShareView]


@routes.get("/announcements", organisation=_SECRETARIAT)
async def list_announcements(conn: Connection, query: AnnouncementsQuery) -> Page[AnnouncementView]:
    """Announcements, newest first, each with its reach."""
    cursor = after_of(query.after, int)
    rows = await announcements.announcements(
        conn,
        about=query.about,
        before=int(cursor[0]) if cursor else None,
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    found = await _reach(conn, shown)
    return Page[AnnouncementView](
        items=[_view(row, found[row["announcement_id"]]) for row in shown],
        next=cursor_of(shown[-1]["number"]) if len(rows) > query.limit else None,
    )


@routes.get("/announcements/reach", public=True)
async def public_reach(conn: Connection, query: AboutQuery) -> PublicReachView:
    """How far the newest announcement about something reached, for everybody."""
    rows = await announcements.announcements(conn, about=query.about, before=None, limit=1)
    if not rows:
        raise NotFound("no-such-announcement", "このお知らせは、まだ送っていません。")
    found = await _reach(conn, rows)
    shown = rules.for_everybody(found[rows[0]["announcement_id"]])
    return PublicReachView(
        about=query.about,
        intended=shown.intended,
        delivered=shown.delivered,
        failed=shown.failed,
        pending=shown.pending,
        rounded=shown.rounded,
        complete=rows[0]["spread_at"] is not None,
    )


@routes.get("/templates", organisation=_SECRETARIAT)
async def templates() -> Templates:
    """Which announcements can be written in which languages."""
    return Templates(
        items=[
            TemplateLine(
                template=name,
                versions={code: newest(code)[name] for code in LANGUAGES if name in newest(code)},
                missing=lacking,
            )
            for name, lacking in missing(LANGUAGES).items()
        ]
    )


@routes.get("/mail-ways", organisation=_SECRETARIAT)
async def mail_ways(conn: Connection) -> WaysView:
    """Which way mails go, and why."""
    changes = await ways.changes(conn, _CHANGES)
    return WaysView(
        now=ShareView(**await ways.share(conn)),
        changes=[ShareView(**row) for row in changes],
    )


async def _reach(conn: Connection, rows: list[Record]) -> dict[UUID, rules.Reach]:
    wanted = [row["announcement_id"] for row in rows]
    counted = await reach.of_announcements(conn, wanted)
    return {
        one: rules.Reach.of(row for row in counted if row["announcement_id"] == one)
        for one in wanted
    }


def _view(row: Record, found: rules.Reach) -> AnnouncementView:
    known = {name: row[name] for name in AnnouncementView.model_fields if name != "reach"}
    return AnnouncementView(**known, reach=ReachOf.of(found))
