"""How many are registered, on a day and over the year before it."""

from datetime import date, timedelta

import orjson
from pydantic import BaseModel

from chassis.database import Connection, Record
from chassis.web import Answer, Ask, Query, Routes
from services.registry.api.asked import AsOf, times_of
from services.registry.api.lists import etag_of
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.items import ListName
from services.registry.store import listed

routes = Routes("/api/v1/registry", tag="registry")


class CountsQuery(Query):
    """The day of the count; today without it."""

    as_of: date | None = None


class CountOn(BaseModel):
    """How long a list was on a day."""

    on: date
    total: int


class ListCount(BaseModel):
    """How long a list is."""

    name: ListName
    total: int
    #: On the last day of the month before.
    a_month_before: int
    by_kind: dict[str, int]
    by_prefecture: dict[str, int]
    #: Month ends and the day itself, the oldest first.
    course: list[CountOn]


class Counts(BaseModel):
    """How long each list is on a day, and how it came there."""

    as_of: date
    lists: list[ListCount]


@routes.get("/counts", public=True, answers=Counts)
async def counts(ask: Ask, conn: Connection, query: CountsQuery) -> Answer:
    """How many are registered as of a day."""
    as_of, _ = times_of(AsOf(as_of=query.as_of), ask)
    days = [*_month_ends(as_of, 12), as_of]
    rows = await listed.counts(conn, days)
    view = Counts(as_of=as_of, lists=[_count(name, rows, days) for name in ListName])
    content = orjson.dumps(view.model_dump(mode="json"))
    return Answer(content, etag=etag_of(content), headers={"Cache-Control": "public, no-cache"})


def _month_ends(before: date, how_many: int) -> list[date]:
    found: list[date] = []
    day = before.replace(day=1) - timedelta(days=1)
    while len(found) < how_many:
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found[::-1]


def _count(name: ListName, rows: list[Record], days: list[date]) -> ListCount:
    own = [row for row in rows if row["list"] == name]
    year = fiscal_year(days[-1])

    def total(day: date) -> int:
        if name is ListName.PARTICIPATION:
            return sum(r["n"] for r in own if r["day"] == day and r["fiscal_year"] == year)
        return next((r["n"] for r in own if r["day"] == day and r["level"] == 7), 0)

    now = [row for row in own if row["day"] == days[-1]]
    return ListCount(
        name=name,
        total=total(days[-1]),
        a_month_before=total(days[-2]),
        by_kind={r["kind"]: r["n"] for r in now if r["kind"]},
        by_prefecture={r["prefecture_code"]: r["n"] for r in now if r["prefecture_code"]},
        course=[CountOn(on=day, total=total(day)) for day in days],
    )
