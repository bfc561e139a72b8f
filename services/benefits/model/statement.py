"""A provider's statement as it is handed in: read row by row, whole or not at all."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chassis.refusal import FieldError, Invalid
from services.benefits.model.reconciliation import Line

#: The columns of a file, in any order.
COLUMNS = ("line_id", "order_id", "amount", "resident_ref", "transaction_id", "granted_on")
_MOST = 1_000_000_000_000
_ERRORS_SHOWN = 100
_MEND = "明細に直すところがあります。直してから、もう一度送ってください。何も取り込んでいません。"


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A line as it was given."""

    line_id: str
    order_id: str
    amount: int
    resident_ref: str
    transaction_id: str
    granted_on: date

    @property
    def line(self) -> Line:
        """What is compared of it."""
        return Line(self.amount, self.resident_ref, self.granted_on, self.transaction_id)


def checked(lines: Sequence[GivenLine], total: int | None) -> Sequence[GivenLine]:
    """The lines, if every one can be meant and they come to the total; else every error, by its row."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, line in enumerate(lines):
        errors += _wrong(f"lines.{number}", line, seen)
        seen.add(line.line_id)
    if total is not None and total != sum(line.amount for line in lines):
        detail = "合計が明細の金額の合計と合いません。"
        errors.append(FieldError("total", "total-differs", detail))
    if errors:
        raise Invalid("statement-wrong", _MEND, errors=errors[:_ERRORS_SHOWN])
    return lines


def _wrong(path: str, line: GivenLine, seen: set[str]) -> Iterable[FieldError]:
    if line.line_id in seen:
        yield FieldError(f"{path}.line_id", "line-doubled", "同じ行の番号が2回あります。")
    if not 0 < line.amount <= _MOST:
        detail = "金額は1円以上の整数で入力してください。"
        yield FieldError(f"{path}.amount", "amount-out-of-range", detail)
    for name, text, most in (
        ("line_id", line.line_id, 60),
        ("order_id", line.order_id, 100),
        ("resident_ref", line.resident_ref, 100),
        ("transaction_id", line.transaction_id, 100),
    ):
        if not 0 < len(text) <= most or not text.isprintable():
            detail = f"{most}文字までで入力してください。"
            yield FieldError(f"{path}.{name}", "text-unreadable", detail)


def read_csv(content: bytes) -> list[GivenLine]:
    """The lines of a file in CSV, UTF-8; rows that cannot be read are told, each by its number."""
    lines: list[GivenLine] = []
    errors: list[FieldError] = []
    for number, row in enumerate(_rows(content)):
        try:
            lines.append(_read(row))
        except (KeyError, TypeError, ValueError):
            detail = f"{number + 2}行目が読み取れません。列と書き方を確かめてください。"
            errors.append(FieldError(f"lines.{number}", "row-unreadable", detail))
    if errors:
        raise Invalid("statement-wrong", _MEND, errors=errors[:_ERRORS_SHOWN])
    return lines


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if not set(COLUMNS) <= set(reader.fieldnames or []):
            detail = f"1行目に列の名前（{', '.join(COLUMNS)}）を置いてください。"
            raise Invalid("statement-unreadable", detail)
        return list(reader)
    except (UnicodeDecodeError, csv.Error):
        detail = (
            "UTF-8のCSVファイルとして読み取れません。書き出し直してから、もう一度送ってください。"
        )
        raise Invalid("statement-unreadable", detail) from None


def _read(row: dict[str, str]) -> GivenLine:
    if None in row or any(row[name] is None for name in COLUMNS):
        raise ValueError("another number of columns")
    amount = row["amount"]
    if not amount.isascii() or not amount.lstrip("-").isdigit() or len(amount) > 20:
        raise ValueError("an amount that is no whole number")
    return GivenLine(
        line_id=row["line_id"],
        order_id=row["order_id"],
        amount=int(amount),
        resident_ref=row["resident_ref"],
        transaction_id=row["transaction_id"],
        granted_on=date.fromisoformat(row["granted_on"]),
    )
