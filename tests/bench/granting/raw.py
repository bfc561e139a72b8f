"""The raw limit: the rows one complete grant leaves behind, put into the same tables without a rule around them."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

#: What each of the five commits of a grant leaves behind: apply, allocate, send, answer, reconcile.
COMMITS: tuple[tuple[str, ...], ...] = (
    ("proofs", "applications", "applicants", "application_events", "entitlements"),
    ("proofs", "allocations", "orders", "transfers", "linked_accounts"),
    ("order_attempts", "events", "outbox"),
    ("order_answers", "transfers", "events", "outbox"),
    ("statement_lines",),
)
#: Facts and entries a grant leaves behind more than once in a commit.
_MORE = {
    0: ("transfers", *("events", "outbox") * 3),
    1: ("events", "outbox") * 2,
    3: ("events", "outbox") * 2,
}
#: Random whole numbers of a column's type, large enough not to meet.
_MOST = {"smallint": 32_000, "integer": 2_000_000_000, "bigint": 9_000_000_000_000_000_000}


async def script(url: str) -> str:
    """A pgbench script that leaves behind what one grant does; the tables it fills lie in schema `raw`."""
    conn = await asyncpg.connect(url)
    try:
        await conn.execute("DROP SCHEMA IF EXISTS raw CASCADE; CREATE SCHEMA raw")
        names = sorted({name for commit in COMMITS for name in commit})
        rows = {}
        for name in names:
            await conn.execute(
                f"CREATE TABLE raw.{name} (LIKE public.{name} INCLUDING INDEXES INCLUDING IDENTITY)"
            )
            rows[name] = await _insert(conn, name)
        await conn.execute("GRANT USAGE ON SCHEMA raw TO PUBLIC")
        await conn.execute("GRANT INSERT ON ALL TABLES IN SCHEMA raw TO PUBLIC")
    finally:
        await conn.close()
    commits = []
    for number, commit in enumerate(COMMITS):
        inserts = [rows[name] for name in (*commit, *_MORE.get(number, ()))]
        commits.append("BEGIN;\n" + ";\n".join(inserts) + ";\nCOMMIT;\n")
    return "".join(commits)


async def _insert(conn: "asyncpg.Connection[asyncpg.Record]", name: str) -> str:
    """One row like the last there is, with a new value wherever two rows may not be alike."""
    row = await conn.fetchrow(f"SELECT * FROM public.{name} LIMIT 1")
    assert row is not None, f"{name} is empty"
    kinds = await _kinds(conn, name)
    values = [
        f"CAST({_new(row[column], kind) if unique else _literal(row[column])} AS {kind})"
        for column, (kind, unique) in kinds.items()
    ]
    return f"INSERT INTO raw.{name} ({', '.join(kinds)}) VALUES ({', '.join(values)})"


async def _kinds(
    conn: "asyncpg.Connection[asyncpg.Record]", name: str
) -> dict[str, tuple[str, bool]]:
    """The columns of a table that are written, their types, and whether two rows may not be alike in them."""
    rows = await conn.fetch(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind,
               EXISTS (SELECT FROM pg_index i
                        WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY(i.indkey)) AS is_unique
          FROM pg_attribute a
         WHERE a.attrelid = ('public.' || $1)::regclass AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attgenerated = '' AND a.attidentity = ''
         ORDER BY a.attnum
        """,
        name,
    )
    return {row["attname"]: (row["kind"], row["is_unique"]) for row in rows}


def _new(value: Any, kind: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, UUID):
        return "gen_random_uuid()"
    if isinstance(value, bool) or not isinstance(value, int):
        return "gen_random_uuid()::text"
    return f"{_MOST[kind]} * random()"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, bytes):
        # As hexadecimal: pgbench would take a colon for the beginning of a variable.
        return f"decode('{value.hex()}', 'hex')"
    if isinstance(value, list):
        return "'{}'"
    if isinstance(value, datetime):
        return f"to_timestamp({value.timestamp()})"
    if isinstance(value, date | UUID):
        return f"'{value}'"
    text = re.sub(r"[:']", " ", str(value))
    return "'{}'" if text.startswith(("{", "[")) else f"'{text}'"
