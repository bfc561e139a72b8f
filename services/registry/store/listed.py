"""The public lists on two time axes: what was true on a day, as we knew it at an instant."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.registry.model.items import Line, ListName


async def list_from(conn: Connection, line: Line, *, on: date, known: datetime) -> None:
    """A line is in its list from a day on, whatever stood there for its subject before."""
    await unlist_from(conn, line.list, line.subject_id, on=on, known=known)
    await conn.execute(
        """
        INSERT INTO listed (list, subject_id, code, kind, prefecture_code, fiscal_year, key, item,
                            valid_from, known_from)
        SELECT $1, $2, $3, $4, $5, $6, string_agg(fold(n), ' '), $8::json, $9, $10 FROM unnest($7::text[]) n
        """,
        line.list,
        line.subject_id,
        line.code,
        line.kind,
        line.prefecture_code,
        line.fiscal_year,
        list(line.names),
        line.item.model_dump_json(),
        on,
        known,
    )


async def unlist_from(
    conn: Connection, list_name: ListName, subject_id: UUID, *, on: date, known: datetime
) -> None:
    """A subject is not in a list from a day on; until then it is as before."""
    await conn.execute(
        """
        WITH cut AS (
            UPDATE listed SET known_to = $4
             WHERE list = $1 AND subject_id = $2 AND known_to = 'infinity' AND valid_to > $3
            RETURNING *
        )
        INSERT INTO listed (list, subject_id, code, kind, prefecture_code, fiscal_year, key, item,
                            valid_from, valid_to, known_from)
        SELECT list, subject_id, code, kind, prefecture_code, fiscal_year, key, item, valid_from, $3, $4
          FROM cut
         WHERE valid_from < $3
        """,
        list_name,
        subject_id,
        on,
        known,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list is asked for."""

    list: ListName
    as_of: date
    known_at: datetime | None = None
    text: str | None = None
    prefecture: str | None = None
    kind: str | None = None
    fiscal_year: int | None = None
    after: tuple[str, UUID] | None = None
    limit: int = 20


_PAGE = """
, page AS (
    SELECT code, subject_id, item, row_number() OVER (ORDER BY code, subject_id) AS n
      FROM hits
     WHERE $7::text IS NULL OR (code, subject_id) > ($7, $8::uuid)
     ORDER BY code, subject_id
     LIMIT $9 + 1
)
SELECT (SELECT count(*) FROM hits) AS total,
       '[' || coalesce(string_agg(item::text, ',' ORDER BY n) FILTER (WHERE n <= $9), '') || ']' AS items,
       count(*) > $9 AS more,
       max(code) FILTER (WHERE n = $9) AS last_code,
       (array_agg(subject_id) FILTER (WHERE n = $9))[1] AS last_id
  FROM page
"""
_FILTERS = """
       AND ($3::text IS NULL OR prefecture_code = $3)
       AND ($4::text IS NULL OR kind = $4)
       AND ($5::int IS NULL OR fiscal_year = $5)
       AND ($6::text IS NULL OR strpos(key, fold($6)) > 0)
"""
#: A line ``{0}`` that was true on the day of ``$2``, as we know it now, or as we knew it then.
_NOW = "{0}.known_to = 'infinity' AND {0}.valid_from <= $2 AND {0}.valid_to > $2"
_THEN = (
    "{0}.known_from <= $10 AND {0}.known_to > $10 AND {0}.valid_from <= $2 AND {0}.valid_to > $2"
)


def _hits(at: str, also: str = "") -> str:
    return f"""
WITH hits AS (
    SELECT code, subject_id, item FROM listed l WHERE list = $1 AND {at.format("l")} {_FILTERS} {also}
){_PAGE}
"""


def _match_hits(at: str) -> str:
    # A match is in its list while both its sides are in theirs: who rests or leaves takes it along, whatever else is
    # said of the match meanwhile, and who comes back brings it.
    return _hits(
        at,
        f"""
       AND EXISTS (
               SELECT FROM matches m
                 JOIN listed a ON a.list = 'municipalities' AND a.subject_id = m.municipality_id AND {at.format("a")}
                 JOIN listed b ON b.list = 'providers' AND b.subject_id = m.provider_id AND {at.format("b")}
                WHERE m.id = l.subject_id)
""",
    )


_PAGE_NOW, _PAGE_THEN = _hits(_NOW), _hits(_THEN)
_MATCHES_NOW, _MATCHES_THEN = _match_hits(_NOW), _match_hits(_THEN)


async def page(conn: Connection, wanted: Wanted) -> Record:
    """A page of a list as JSON text, with the count of all that match and where the next page begins."""
    code, subject = wanted.after or (None, None)
    arguments = (
        wanted.list,
        wanted.as_of,
        wanted.prefecture,
        wanted.kind,
        wanted.fiscal_year,
        wanted.text,
        code,
        subject,
        wanted.limit,
    )
    of_matches = wanted.list is ListName.MATCHES
    if wanted.known_at is None:
        row = await conn.fetchrow(_MATCHES_NOW if of_matches else _PAGE_NOW, *arguments)
    else:
        sql = _MATCHES_THEN if of_matches else _PAGE_THEN
        row = await conn.fetchrow(sql, *arguments, wanted.known_at)
    assert row is not None
    return row


async def line(
    conn: Connection, list_name: ListName, subject_id: UUID, *, as_of: date, known_at: datetime
) -> str | None:
    """The line of one subject, as JSON text; None if it was not in the list."""
    found: str | None = await conn.fetchval(
        """
        SELECT item::text
          FROM listed
         WHERE list = $1 AND subject_id = $2
           AND known_from <= $4 AND known_to > $4 AND valid_from <= $3 AND valid_to > $3
        """,
        list_name,
        subject_id,
        as_of,
        known_at,
    )
    return found


async def counts(conn: Connection, days: list[date]) -> list[Record]:
    """How many lines each list has on some days, by kind and prefecture, as known now."""
    return await conn.fetch(
        """
        WITH true_on AS MATERIALIZED (
            SELECT d AS day, list, subject_id, kind, prefecture_code, fiscal_year
              FROM unnest($1::date[]) d
              JOIN listed ON valid_from <= d AND valid_to > d AND known_to = 'infinity'
        )
        SELECT l.day, l.list, l.kind, l.prefecture_code, l.fiscal_year, count(*) AS n,
               grouping(l.kind, l.prefecture_code, l.fiscal_year) AS level
          FROM true_on l
          LEFT JOIN matches m ON l.list = 'matches' AND m.id = l.subject_id
          LEFT JOIN true_on a ON a.list = 'municipalities' AND a.subject_id = m.municipality_id AND a.day = l.day
          LEFT JOIN true_on b ON b.list = 'providers' AND b.subject_id = m.provider_id AND b.day = l.day
         WHERE l.list <> 'matches' OR (a.day IS NOT NULL AND b.day IS NOT NULL)
         GROUP BY GROUPING SETS ((l.day, l.list), (l.day, l.list, l.kind), (l.day, l.list, l.prefecture_code),
                                 (l.day, l.list, l.fiscal_year))
        """,
        days,
    )


async def lines(
    conn: Connection,
    list_name: ListName,
    subject_ids: list[UUID],
    *,
    as_of: date,
    known_at: datetime,
) -> list[str]:
    """The lines of some subjects that were in the list, as JSON text, in the list's order."""
    rows = await conn.fetch(
        """
        SELECT item::text AS item
          FROM listed
         WHERE list = $1 AND subject_id = ANY($2)
           AND known_from <= $4 AND known_to > $4 AND valid_from <= $3 AND valid_to > $3
         ORDER BY code, fiscal_year
        """,
        list_name,
        subject_ids,
        as_of,
        known_at,
    )
    return [row["item"] for row in rows]
