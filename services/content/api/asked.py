"""When, for whom and how much: what people may ask of what is published."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.clock import JAPAN
from chassis.paging import after_of
from chassis.refusal import FieldError, Invalid
from chassis.web import Ask, Query
from services.content.model.audience import readable_by
from services.content.model.writing import Category
from services.content.store.showings import Moment, Wanted

_FIRST_DAY, _LAST_DAY = date(2016, 4, 1), date(2100, 12, 31)


class AsOf(Query):
    """A day, and the instant whose knowledge of that day is wanted."""

    #: As it stood at the end of this day in Japan; as it stands without it.
    as_of: date | None = None
    #: … as it was known at this instant; as it is known now without it.
    known_at: AwareDatetime | None = None


class LanguageQuery(AsOf):
    """In which language; what is not written in it comes in Japanese."""

    language: Literal["ja", "easy", "en"] = "ja"


class NoticesQuery(LanguageQuery):
    """A page of notices."""

    category: Category | None = None
    #: The year in which they came out.
    year: Annotated[int, Field(ge=2016, le=2100)] | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


def moment_of(query: AsOf, ask: Ask) -> Moment:
    """The instant a reader may see: up to now."""
    if query.as_of is None:
        return Moment(ask.now, present=query.known_at is None, known_at=query.known_at)
    at = end_of(query.as_of)
    if at >= ask.now:
        return Moment(ask.now, present=query.known_at is None, known_at=query.known_at)
    return Moment(at, present=False, known_at=query.known_at)


def end_of(day: date) -> datetime:
    """The last instant of a day in Japan."""
    if not _FIRST_DAY <= day <= _LAST_DAY:
        detail = "日付は、2016年4月1日から入れてください。"
        raise Invalid(
            "parameters-invalid", detail, errors=[FieldError("as_of", "day_out_of_reach", detail)]
        )
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)


def start_of(day: date) -> datetime:
    """The first instant of a day in Japan."""
    return datetime.combine(day, datetime.min.time(), JAPAN)


def audiences_of(ask: Ask) -> tuple[str, ...]:
    """What the one who asks may read."""
    kind = ask.visitor.organisation_kind if ask.visitor else None
    return tuple(audience.value for audience in readable_by(kind))


def wanted_of(query: NoticesQuery, ask: Ask, audiences: tuple[str, ...]) -> Wanted:
    """Which notices are asked for."""
    return Wanted(
        moment=moment_of(query, ask),
        audiences=audiences,
        category=query.category,
        year=query.year,
        after=after_of(query.after, datetime, UUID),
        limit=query.limit,
    )
