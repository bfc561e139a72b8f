"""Lists in pages, by the instant and the id of their rows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.paging import after_of, cursor_of
from chassis.web import Query


class ListQuery(Query):
    """Which part of a list."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def cursor_at(at: datetime, row_id: UUID) -> str:
    """The place after the row of this instant and id."""
    return cursor_of(at.isoformat(), str(row_id))


def instant_after(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The place a cursor names."""
    return after_of(cursor, datetime, UUID)
