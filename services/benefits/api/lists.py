"""Lists in pages, by the instant and the id of their rows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.paging import after_of, cursor_of
from chassis.refusal import Malformed
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
    keys = after_of(cursor, str, str)
    if keys is None:
        return None
    try:
        at = datetime.fromisoformat(str(keys[0]))
        if at.tzinfo is None:
            raise ValueError("an instant has a zone")
        return at, UUID(str(keys[1]))
    except ValueError:
        raise Malformed(
            "cursor-unknown",
            "一覧の続きの位置が読み取れません。最初のページから開き直してください。",
        ) from None
