"""One letter to many organisations: ask, watch each row, and what is left to ask for today."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.clock import day_of
from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Query, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.notifications.api.desk import LETTERS_A_DAY
from services.notifications.commands import mailings as acts
from services.notifications.model.quota import Quota
from services.notifications.store import mailings

routes = Routes("/api/v1/notifications/mailings", tag="notifications")

_SECRETARIAT = {OrganisationKind.SECRETARIAT}
_ACTING = {Role.ADMIN, Role.EDITOR}


class MailingBody(Body):
    """A letter, and whom it is for: each organisation gets it once."""

    title: Annotated[str, Field(min_length=1, max_length=30)]
    words: Annotated[str, Field(min_length=1, max_length=10_000)]
    organisations: Annotated[list[UUID], Field(min_length=1, max_length=10_000, strict=False)]


class RowsQuery(Query):
    """Which rows."""

    after: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class MailingView(BaseModel):
    """How far a mailing is: rows = waiting + written + not_written; mails = delivered + failed + pending."""

    mailing_id: UUID
    title: str
    words: str
    rows: int
    waiting: int
    written: int
    not_written: int
    mails: int
    delivered: int
    failed: int
    pending: int
    asked_by: str
    asked_at: datetime


class RowView(BaseModel):
    """One row: ``waiting``, ``written``, or why not; where each of its mails is."""

    row: int
    organisation_id: UUID
    organisation_name: str | None
    state: str
    letter_id: UUID | None
    mails: list[str]


class QuotaView(BaseModel):
    """What is left today; every answer here says the same in its headers."""

    allowed: int
    used: int
    left: int
    resets_in: int


@routes.post(
    "",
    organisation=_SECRETARIAT,
    roles=_ACTING,
    body_limit=1_048_576,
    answers=MailingView,
    status=202,
)
async def ask_for(ask: Ask, conn: Connection, body: MailingBody) -> Answer:
    """Have a letter written to many organisations."""
    mailing_id, quota = await acts.ask_for(
        conn,
        str(ask.principal),
        ask.organisation_id,
        body.title,
        body.words,
        body.organisations,
        ask.app[LETTERS_A_DAY],
        ask.now,
    )
    return Answer(await _view(ask, conn, mailing_id), status=202, headers=quota.headers)


@routes.get("/quota", organisation=_SECRETARIAT, answers=QuotaView)
async def quota(ask: Ask, conn: Connection) -> Answer:
    """How many letters are left today."""
    found = await _quota(ask, conn)
    view = QuotaView(
        allowed=found.allowed, used=found.used, left=found.left, resets_in=found.resets_in
    )
    return Answer(view, headers=found.headers)


@routes.get("/{mailing_id}", organisation=_SECRETARIAT, answers=MailingView)
async def mailing(ask: Ask, conn: Connection, mailing_id: UUID) -> Answer:
    """How far a mailing is."""
    view = await _view(ask, conn, mailing_id)
    return Answer(view, headers=(await _quota(ask, conn)).headers)


@routes.get("/{mailing_id}/rows", organisation=_SECRETARIAT, answers=Page[RowView])
async def rows(ask: Ask, conn: Connection, mailing_id: UUID, query: RowsQuery) -> Answer:
    """Every row of a mailing, in its order."""
    await _view(ask, conn, mailing_id)
    cursor = after_of(query.after, int)
    found = await mailings.mailing_rows(
        conn, mailing_id, after=int(cursor[0]) if cursor else 0, limit=query.limit + 1
    )
    shown = found[: query.limit]
    page = Page[RowView](
        items=[RowView(**row) for row in shown],
        next=cursor_of(shown[-1]["row"]) if len(found) > query.limit else None,
    )
    return Answer(page, headers=(await _quota(ask, conn)).headers)


async def _view(ask: Ask, conn: Connection, mailing_id: UUID) -> MailingView:
    row = await mailings.mailing(conn, mailing_id)
    if row is None or row["organisation_id"] != ask.organisation_id:
        raise NotFound("no-such-mailing", "この一斉送信は見つかりません。")
    return MailingView(**{name: row[name] for name in MailingView.model_fields})


async def _quota(ask: Ask, conn: Connection) -> Quota:
    used = await mailings.used(conn, ask.organisation_id, day_of(ask.now))
    return Quota.of(ask.app[LETTERS_A_DAY], used, ask.now)
