"""What was said in public about a subject."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from chassis.database import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """A public fact about a subject."""

    type: str
    recorded_at: datetime
    data: dict[str, Any]


async def public_history(conn: Connection, subjects: list[str]) -> list[Said]:
    """Every public fact about some subjects, in the order they were said."""
    rows = await conn.fetch(
        """
        SELECT type, recorded_at, body
          FROM events
         WHERE subject = ANY($1) AND 'registry' = ANY(feeds)
         ORDER BY seq
        """,
        subjects,
    )
    return [Said(row["type"], row["recorded_at"], orjson.loads(row["body"])) for row in rows]
