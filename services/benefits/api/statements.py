"""Providers hand in what they granted, and see how it compares."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import Page, after_of, cursor_of
from chassis.refusal import NotFound
from chassis.web import Answer, Ask, Body, Query, Routes
from services.benefits.api.lists import ListQuery
from services.benefits.api.provider_orders import ANSWERERS, PROVIDER, SCOPES
from services.benefits.commands import statements as commands
from services.benefits.commands.statements import HandedIn
from services.benefits.model.statement import GivenLine, read_csv
from services.benefits.store import statements
from services.benefits.store.statements import Statement

routes = Routes("/api/v1/benefits", tag="benefits")

_Text = Annotated[str, StringConstraints(max_length=200)]
_Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,60}$")]
_BODY, _FILE = 8 * 1024 * 1024, 32 * 1024 * 1024
_DAYS = 60


class LineBody(Body):
    """One grant, as the provider has it."""

    line_id: _Text
    order_id: _Text
    amount: int
    resident_ref: _Text
    transaction_id: _Text
    granted_on: Annotated[date, Field(strict=False)]


class StatementBody(Body):
    """What the provider granted on a day; ``total`` is checked where it is given."""

    statement_id: _Number
    day: Annotated[date, Field(strict=False)]
    lines: Annotated[list[LineBody], Field(max_length=20_000)]
    total: int | None = None


class FileQuery(Query):
    """The day a file is about."""

    day: date


class StatementView(BaseModel):
    """A statement, and what its lines were found to be."""

    id: UUID
    statement_id: str
    day: date
    lines: int
    total: int
    received_at: AwareDatetime
    compared_at: AwareDatetime | None
    classes: dict[str, int]


class StatementRows(Page[StatementView]):
    """A page of statements, the latest day first."""


class DayView(BaseModel):
    """How a day compared."""

    day: date
    classes: dict[str, int]
    compared_at: AwareDatetime


class Days(BaseModel):
    """The last days, the latest first."""

    items: list[DayView]


@routes.post(
    "/statements",
    organisation=PROVIDER,
    roles=ANSWERERS,
    scopes=SCOPES,
    status=202,
    body_limit=_BODY,
    answers=StatementView,
)
async def hand_in_statement(ask: Ask, conn: Connection, body: StatementBody) -> Answer:
    """Hand in what was granted on a day; the same again is the same."""
    lines = [GivenLine(**line.model_dump()) for line in body.lines]
    return await _taken(ask, conn, body.statement_id, body.day, lines, body.total)


@routes.put(
    "/statements/{statement_id}",
    organisation=PROVIDER,
    roles=ANSWERERS,
    scopes=SCOPES,
    status=202,
    takes=("text/csv",),
    body_limit=_FILE,
    answers=StatementView,
)
async def hand_in_file(
    ask: Ask, conn: Connection, statement_id: _Number, query: FileQuery, body: bytes
) -> Answer:
    """The same as a file in CSV."""
    return await _taken(ask, conn, statement_id, query.day, read_csv(body), None)


@routes.get("/statements", organisation=PROVIDER, scopes=SCOPES)
async def own_statements(ask: Ask, conn: Connection, query: ListQuery) -> StatementRows:
    """The provider's statements, the latest day first."""
    after = after_of(query.after, date, str)
    found = await statements.statement_page(
        conn, ask.organisation_id, after=after, limit=query.limit + 1
    )
    page = found[: query.limit]
    last = page[-1] if len(found) > query.limit else None
    return StatementRows(
        items=[await _view(conn, one) for one in page],
        next=cursor_of(last.day.isoformat(), last.statement_id) if last else None,
    )


@routes.get("/statements/{statement_id}", organisation=PROVIDER, scopes=SCOPES)
async def own_statement(ask: Ask, conn: Connection, statement_id: _Number) -> StatementView:
    """One statement."""
    found = await statements.statement(conn, ask.organisation_id, statement_id)
    if found is None:
        raise NotFound("statement-unknown", "この明細は見つかりません。")
    return await _view(conn, found)


@routes.get("/reconciliations", organisation=PROVIDER, scopes=SCOPES)
async def reconciliations(ask: Ask, conn: Connection) -> Days:
    """How the last days compared."""
    rows = await statements.reconciliation_days(conn, ask.organisation_id, _DAYS)
    return Days(items=[DayView.model_validate(row) for row in rows])


async def _taken(
    ask: Ask,
    conn: Connection,
    statement_id: str,
    day: date,
    lines: list[GivenLine],
    total: int | None,
) -> Answer:
    given = HandedIn(
        provider_id=ask.organisation_id,
        statement_id=statement_id,
        day=day,
        lines=lines,
        total=total,
        by=str(ask.principal),
        now=ask.now,
        today=ask.today,
    )
    return Answer(await _view(conn, await commands.hand_in(conn, given)))


async def _view(conn: Connection, found: Statement) -> StatementView:
    classes = await statements.classes_of(conn, found.provider_id, found.statement_id)
    return StatementView(
        id=found.id,
        statement_id=found.statement_id,
        day=found.day,
        lines=found.lines,
        total=found.total,
        received_at=found.received_at,
        compared_at=found.compared_at,
        classes=classes,
    )
