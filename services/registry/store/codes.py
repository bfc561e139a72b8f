"""The directory of prefectures and municipalities."""

from collections.abc import Iterable

from chassis.database import Connection, Record
from contracts.values import MunicipalityKind
from services.registry.model.codes import DirectoryEntry

_COLUMNS = "code, kind, name, name_kana, county, prefecture_code, prefecture, also_written"


async def directory(conn: Connection, codes: Iterable[str]) -> dict[str, DirectoryEntry]:
    """The entries of some codes; codes nobody has are left out."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM municipality_codes WHERE code = ANY($1)",
        list(codes),
    )
    return {row["code"]: _entry(row) for row in rows}


async def whole_directory(conn: Connection) -> dict[str, DirectoryEntry]:
    """Every prefecture and municipality by its code."""
    rows = await conn.fetch(f"SELECT {_COLUMNS} FROM municipality_codes")
    return {row["code"]: _entry(row) for row in rows}


async def search_codes(
    conn: Connection,
    *,
    text: str | None,
    prefecture: str | None,
    kind: str | None,
    after: str | None,
    limit: int,
) -> list[DirectoryEntry]:
    """Entries by name, reading or code, in the order of codes."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS}
          FROM municipality_codes
         WHERE ($1::text IS NULL OR strpos(key, fold($1)) > 0)
           AND ($2::text IS NULL OR prefecture_code = $2)
           AND ($3::text IS NULL OR kind = $3)
           AND ($4::text IS NULL OR code > $4)
         ORDER BY code
         LIMIT $5
        """,
        text,
        prefecture,
        kind,
        after,
        limit,
    )
    return [_entry(row) for row in rows]


async def prefectures(conn: Connection) -> dict[str, str]:
    """The names of the 47 prefectures by their two digits."""
    rows = await conn.fetch(
        "SELECT prefecture_code, prefecture FROM municipality_codes WHERE kind = 'prefecture'"
    )
    return {row["prefecture_code"]: row["prefecture"] for row in rows}


def _entry(row: Record) -> DirectoryEntry:
    return DirectoryEntry(
        code=row["code"],
        kind=MunicipalityKind(row["kind"]),
        name=row["name"],
        name_kana=row["name_kana"],
        county=row["county"],
        prefecture_code=row["prefecture_code"],
        prefecture=row["prefecture"],
        also_written=row["also_written"],
    )
