"""What a speaker answers inside: how far its facts go, and the facts themselves by number."""

from typing import Annotated, Any

import orjson
from pydantic import Field

from chassis.database import Connection
from chassis.feeds import RECORDED_AT
from chassis.web import Json, Query, Routes

#: Mounted by every service beside its own routes.
routes = Routes("/internal", tag="internal")

_PAGE = 1_000

_FACTS = f"""
SELECT l.number, e.event_id, e.subject, e.revision, e.type, {RECORDED_AT} AS recorded_at, e.request_id, e.body
  FROM log l
  JOIN events e USING (seq)
 WHERE l.kind = $1 AND l.number >= $2 AND l.number < $3
 ORDER BY l.number
 LIMIT $4
"""


class KindsQuery(Query):
    """Which kinds of subject; comma between them."""

    kinds: Annotated[str, Field(min_length=1, max_length=500)]


class RangeQuery(Query):
    """A range of numbers of one kind, ``until`` excluded."""

    kind: Annotated[str, Field(min_length=1, max_length=100)]
    since: Annotated[int, Field(ge=1, lt=2**62)]
    until: Annotated[int, Field(ge=1, lt=2**62)]


@routes.get("/heads", internal=True)
async def heads(conn: Connection, query: KindsQuery) -> Json:
    """The last number of each kind."""
    rows = await conn.fetch(
        "SELECT name, position FROM heads WHERE name = ANY($1::text[])", query.kinds.split(",")
    )
    return Json(orjson.dumps({"heads": {row["name"]: row["position"] for row in rows}}))


@routes.get("/facts", internal=True)
async def facts(conn: Connection, query: RangeQuery) -> Json:
    """The facts numbered ``since`` to ``covered`` (excluded); a number that is not among them is no more."""
    head = await conn.fetchval("SELECT position FROM heads WHERE name = $1", query.kind)
    until = min(query.until, (head or 0) + 1)
    rows = await conn.fetch(_FACTS, query.kind, query.since, until, _PAGE)
    covered = rows[-1]["number"] + 1 if len(rows) == _PAGE else max(until, query.since)
    return Json(orjson.dumps({"covered": covered, "facts": [_fact(dict(row)) for row in rows]}))


def _fact(row: dict[str, Any]) -> dict[str, Any]:
    # A body is UTF-8 JSON; as text it keeps its bytes on the way.
    return {**row, "event_id": str(row["event_id"]), "body": row["body"].decode()}
