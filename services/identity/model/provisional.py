"""Provisional accounts (仮アカウント) as the secretariat brings them in: one CSV file, all rows or none."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from chassis.refusal import FieldError, Invalid
from contracts.values import OrganisationKind
from services.identity.model import requests

#: The headings, in any order; the last two may be left out.
COLUMNS = {
    "団体コード": "organisation_code",
    "団体名": "organisation_name",
    "担当者氏名": "contact_name",
    "メールアドレス": "email",
    "部署": "department",
    "切替日": "promote_on",
}
_MAY_BE_ABSENT = frozenset({"部署", "切替日"})
MOST_ROWS = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RowError:
    """What to mend in one cell; rows are counted as spreadsheets do, the headings being row 1."""

    row: int
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProvisionalRow:
    """One municipality to be given a provisional account."""

    row: int
    organisation_code: str
    organisation_name: str
    contact_name: str
    email: str
    department: str
    promote_on: date | None


def decoded(raw: bytes) -> str:
    """The file's text; other encodings are named, so that the person knows what to do."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _unreadable(
            "csv-utf16", "文字コードが UTF-16 です。「CSV UTF-8」の形式で保存し直してください。"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _other_encoding(raw) from None
    if "\x00" in text:
        raise _unreadable(
            "csv-not-text",
            "CSVとして読み取れません。表計算ソフトの「CSV UTF-8」で保存してください。",
        )
    return text


def _other_encoding(raw: bytes) -> Invalid:
    try:
        raw.decode("cp932")
    except UnicodeDecodeError:
        return _unreadable(
            "csv-not-utf8",
            "文字コードを UTF-8 として読み取れません。「CSV UTF-8」で保存し直してください。",
        )
    return _unreadable(
        "csv-shift-jis",
        "文字コードが Shift_JIS のようです。Excelでは「CSV UTF-8（コンマ区切り）」を選んで保存し直してください。",
    )


def _unreadable(code: str, detail: str) -> Invalid:
    return Invalid(code, detail, errors=[FieldError("file", code.replace("-", "_"), detail)])


def read(raw: bytes) -> tuple[list[ProvisionalRow], list[RowError]]:
    """The rows of the file and what is wrong with them; doubled codes and addresses in it are named too."""
    lines = _lines(decoded(raw))
    places = _places(lines)
    rows: list[ProvisionalRow] = []
    errors: list[RowError] = []
    for number, line in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in line):
            cells, wrong = _cells(number, line, places)
            row, more = _row(number, cells) if not wrong else (None, [])
            errors += wrong + more
            if row is not None:
                rows.append(row)
    if not rows and not errors:
        raise _unreadable("csv-empty", "見出しの下に1件もありません。")
    return rows, errors + list(_doubled(rows))


def _lines(text: str) -> list[list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise _unreadable(
            "csv-broken",
            'CSVとして読み取れない行があります。閉じていない「"」がないか確かめてください。',
        ) from None
    if not lines:
        raise _unreadable("csv-empty", "ファイルに何も入っていません。")
    if len(lines) > MOST_ROWS + 1:
        raise _unreadable(
            "csv-too-long",
            f"一度に取り込めるのは{MOST_ROWS:,}件までです。分けて取り込んでください。",
        )
    return lines


def _places(lines: list[list[str]]) -> dict[str, int]:
    headings = [h.strip() for h in lines[0]]
    doubled = sorted({h for h in headings if h and headings.count(h) > 1})
    unknown = [h for h in headings if h not in COLUMNS]
    missing = [c for c in COLUMNS if c not in headings and c not in _MAY_BE_ABSENT]
    if doubled or unknown or missing:
        parts = [
            f"{what}：{'、'.join(n[:30] or '（空）' for n in names[:5])}"
            for what, names in (("2つある", doubled), ("使わない", unknown), ("足りない", missing))
            if names
        ]
        raise _unreadable("csv-headings", f"1行目の見出しを直してください。{'。'.join(parts)}。")
    return {h: i for i, h in enumerate(headings)}


def _cells(
    number: int, line: list[str], places: dict[str, int]
) -> tuple[dict[str, str], list[RowError]]:
    if len(line) != len(places):
        detail = f"列が{len(places)}つ要りますが、{len(line)}つあります。"
        return {}, [RowError(number, "", "columns_differ", detail)]
    cells = {heading: line[place].strip() for heading, place in places.items()}
    errors = [
        RowError(
            number,
            heading,
            "formula",
            "「=」「+」「-」「@」で始まる値は数式とみなされるため、取り込めません。",
        )
        for heading, place in places.items()
        if line[place].lstrip(" ").startswith(_FORMULA)
    ]
    return cells, errors


def _row(number: int, cells: dict[str, str]) -> tuple[ProvisionalRow | None, list[RowError]]:
    code = requests.fold_digits(cells["団体コード"])
    day, wrong_day = _day(cells.get("切替日", ""))
    row = ProvisionalRow(
        row=number,
        organisation_code=code.zfill(6)
        if code.isascii() and code.isdigit() and len(code) == 5
        else code,
        organisation_name=requests.fold_text(cells["団体名"]),
        contact_name=requests.fold_text(cells["担当者氏名"]),
        email=cells["メールアドレス"],
        department=requests.fold_text(cells.get("部署", "")),
        promote_on=day,
    )
    found = [*_wrong_fields(row), wrong_day]
    errors = [RowError(number, e.field, e.code, e.detail) for e in found if e is not None]
    return (None if errors else row), errors


def _wrong_fields(row: ProvisionalRow) -> list[FieldError | None]:
    return [
        requests.code_error("団体コード", OrganisationKind.MUNICIPALITY, row.organisation_code),
        _name_error("団体名", row.organisation_name),
        _name_error("担当者氏名", row.contact_name),
        requests.email_error("メールアドレス", row.email),
        None
        if len(row.department) <= 100
        else FieldError("部署", "too_long", "100文字以内にしてください。"),
    ]


def _name_error(column: str, text: str) -> FieldError | None:
    if len(text) > 100:
        return FieldError(column, "too_long", "100文字以内にしてください。")
    return requests.filled(column, text)


def _day(text: str) -> tuple[date | None, FieldError | None]:
    if not text:
        return None, None
    parts = text.replace("/", "-").split("-")
    try:
        if not all(p.isascii() and p.isdigit() for p in parts):
            raise ValueError
        year, month, day = (int(p) for p in parts)
        return date(year, month, day), None
    except ValueError:
        return None, FieldError(
            "切替日", "date_shape", "日付は 2024-04-01 の形で入力してください。"
        )


def _doubled(rows: Iterable[ProvisionalRow]) -> Iterator[RowError]:
    first: dict[str, int] = {}
    for row in rows:
        if (before := first.setdefault(row.organisation_code, row.row)) != row.row:
            detail = f"{before}行目と同じ団体コードです。どちらかを消してください。"
            yield RowError(row.row, "団体コード", "code_doubled", detail)
