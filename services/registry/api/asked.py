"""What people may ask of the public lists, and how it is read."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.paging import after_of
from chassis.refusal import FieldError, Invalid
from chassis.web import Ask, Query
from contracts.values import FiscalYear, MunicipalityKind, PaymentServiceKind, PrefectureCode
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.items import ListName
from services.registry.store.listed import Wanted

Text = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_FIRST_DAY = date(2016, 4, 1)


class AsOf(Query):
    """A day, and the instant whose knowledge of that day is wanted."""

    #: The list as it was on this day in Japan; today without it.
    as_of: date | None = None
    #: … as the register knew it at this instant; what is known now without it.
    known_at: AwareDatetime | None = None


class ListQuery(AsOf):
    """A page of a list."""

    #: Part of a name, reading or code, however wide and in whichever kana.
    q: Text | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


class MunicipalityQuery(ListQuery):
    """Municipalities by prefecture and kind."""

    prefecture: PrefectureCode | None = None
    kind: MunicipalityKind | None = None


class ProviderQuery(ListQuery):
    """Payment providers."""


class PaymentServiceQuery(ListQuery):
    """Payment services by kind."""

    kind: PaymentServiceKind | None = None


class ParticipationQuery(ListQuery):
    """Participation in a fiscal year; the one of the day without it."""

    fiscal_year: FiscalYear | None = None


class MatchQuery(ListQuery):
    """Matches by prefecture of the municipality and fiscal year."""

    prefecture: PrefectureCode | None = None
    fiscal_year: FiscalYear | None = None


def times_of(query: AsOf, ask: Ask) -> tuple[date, datetime | None]:
    """The day and the instant that were asked for, if they can be answered."""
    as_of = query.as_of or ask.today
    if not _FIRST_DAY <= as_of <= ask.today + timedelta(days=366):
        raise _refused(
            "as_of",
            "as-of-out-of-range",
            "一覧の日は、2016年4月1日から1年後までの日にしてください。",
        )
    if query.known_at is not None and query.known_at > ask.now:
        raise _refused(
            "known_at", "known-at-future", "known_at には、いまより前の日時を入れてください。"
        )
    return as_of, query.known_at


def wanted_of(name: ListName, query: ListQuery, ask: Ask) -> Wanted:
    """Which part of which list was asked for."""
    as_of, known_at = times_of(query, ask)
    kind: str | None = getattr(query, "kind", None)
    year: int | None = getattr(query, "fiscal_year", None)
    if name is ListName.PARTICIPATION and year is None:
        year = fiscal_year(as_of)
    return Wanted(
        list=name,
        as_of=as_of,
        known_at=known_at,
        text=query.q,
        prefecture=getattr(query, "prefecture", None),
        kind=kind,
        fiscal_year=year,
        after=after_of(query.after, str, UUID),
        limit=query.limit,
    )


def _refused(field: str, code: str, detail: str) -> Invalid:
    return Invalid(code, detail, errors=[FieldError(field, code.replace("-", "_"), detail)])
