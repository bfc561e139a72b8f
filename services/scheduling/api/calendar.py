"""The business calendar: hours of the desk, the next opening, due days in working days."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Ask, Body, Query, Routes
from services.scheduling.api.roles import EDITORS, SECRETARIAT
from services.scheduling.model import opening
from services.scheduling.model.findings import Findings
from services.scheduling.store import calendar

routes = Routes("/api/v1/scheduling", tag="scheduling")
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_FIRST, _LAST = date(2016, 1, 1), date(2100, 12, 31)


class DayView(BaseModel):
    """One day of the desk; without hours it is closed, and ``reason`` says why."""

    day: date
    opens: str | None
    closes: str | None
    reason: str
    #: Whether the secretariat decided it for this day alone.
    exceptional: bool


class CalendarView(BaseModel):
    """Whether the desk is open now, when it opens next, and the days that were asked for."""

    open_now: bool
    next_opening_at: AwareDatetime
    days: list[DayView]


class DueView(BaseModel):
    """The last day of a term."""

    since: date
    working_days: int
    due_on: date


class DaysQuery(Query):
    """Which days; today and the six after it when nothing is said."""

    since: date | None = None
    days: int = Field(default=7, ge=1, le=62)


class DueQuery(Query):
    """A term: from which day, which is not counted, and how long."""

    since: date
    working_days: int = Field(ge=1, le=250)


class ExceptionBody(Body):
    """How a day differs; without hours the desk is closed."""

    opens: Clock | None = None
    closes: Clock | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


@routes.get("/calendar", public=True)
async def days(ask: Ask, conn: Connection, query: DaysQuery) -> CalendarView:
    """When the desk is open."""
    since = min(max(query.since or ask.today, _FIRST), _LAST)
    others = await calendar.exceptions(conn, min(since, ask.today))
    wanted = [since + timedelta(days=n) for n in range(query.days)]
    return CalendarView(
        open_now=opening.is_open(ask.now, others),
        next_opening_at=opening.next_opening(ask.now, others),
        days=[_view(opening.day_at(day, others), others) for day in wanted],
    )


@routes.get("/calendar/due", public=True)
async def due(conn: Connection, query: DueQuery) -> DueView:
    """On which day a term of working days ends."""
    since = min(max(query.since, _FIRST), _LAST)
    others = await calendar.exceptions(conn, since)
    found = opening.due_on(since, query.working_days, others)
    return DueView(since=since, working_days=query.working_days, due_on=found)


@routes.put("/calendar/exceptions/{day}", organisation=SECRETARIAT, roles=EDITORS)
async def set_exception(ask: Ask, conn: Connection, day: date, body: ExceptionBody) -> DayView:
    """Decide how the desk is open on one day."""
    found = Findings()
    reason = found.line("reason", body.reason, "理由", longest=100)
    found.settle()
    made = opening.exceptional(day, body.opens, body.closes, reason, today=ask.today)
    await calendar.save_exception(conn, made)
    return _view(opening.day_at(day, {day: made}), {day: made})


@routes.delete("/calendar/exceptions/{day}", organisation=SECRETARIAT, roles=EDITORS)
async def drop_exception(conn: Connection, day: date) -> DayView:
    """Let a day be as week and holidays say."""
    if not await calendar.forget_exception(conn, day):
        raise NotFound("no-such-exception", "この日には、特別な受付時間はありません。")
    return _view(opening.day_at(day, {}), {})


def _view(day: opening.Day, others: opening.Exceptions) -> DayView:
    return DayView(
        day=day.day,
        opens=day.opens.strftime("%H:%M") if day.opens else None,
        closes=day.closes.strftime("%H:%M") if day.closes else None,
        reason=day.reason,
        exceptional=day.day in others,
    )
