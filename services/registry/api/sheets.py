"""Lists as sheets that spreadsheet programs open without calculating anything."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from chassis.sheets import guarded, rows_csv
from services.registry.model.items import ListName

Columns = Sequence[tuple[str, str, int]]

_COLUMNS: dict[ListName, Columns] = {
    ListName.MUNICIPALITIES: (
        ("code", "団体コード", 12),
        ("prefecture", "都道府県", 12),
        ("name", "団体名", 24),
        ("name_kana", "団体名（フリガナ）", 30),
        ("municipality_kind", "種類", 14),
        ("registered_on", "登録日", 12),
    ),
    ListName.PROVIDERS: (
        ("number", "法人番号", 16),
        ("name", "決済事業者名", 32),
        ("name_kana", "決済事業者名（フリガナ）", 40),
        ("registered_on", "登録日", 12),
    ),
    ListName.PAYMENT_SERVICES: (
        ("code", "サービスコード", 20),
        ("name", "決済サービス名", 28),
        ("name_kana", "決済サービス名（フリガナ）", 34),
        ("kind", "種類", 18),
        ("grant_types", "付与の方法", 30),
        ("receive_method", "受け取りの方法", 22),
        ("provider_number", "法人番号", 16),
        ("provider_name", "決済事業者名", 32),
        ("terms_url", "利用規約", 40),
        ("registered_on", "登録日", 12),
    ),
    ListName.PARTICIPATION: (
        ("fiscal_year", "年度", 8),
        ("provider_number", "法人番号", 16),
        ("provider_name", "決済事業者名", 32),
        ("participating", "参画", 12),
        ("declared_on", "回答日", 12),
    ),
    ListName.MATCHES: (
        ("fiscal_year", "年度", 8),
        ("municipality_code", "団体コード", 12),
        ("municipality_name", "団体名", 24),
        ("provider_number", "法人番号", 16),
        ("provider_name", "決済事業者名", 32),
        ("services", "決済サービス", 40),
        ("since", "契約の始まり", 14),
    ),
}
_WORDS = {
    "prefecture": "都道府県",
    "city": "市",
    "ward": "特別区",
    "town": "町",
    "village": "村",
    "consortium": "広域連合など",
    "other": "その他",
    "qr": "QRコード",
    "e_money": "電子マネー",
    "prepaid": "プリペイドカード",
    "credit": "クレジットカード",
    "debit": "デビットカード",
    "regional_currency": "地域通貨",
    "coupon": "クーポン",
    "cash": "現金",
    "fixed": "一定額",
    "purchase_rate": "購入額に応じて",
    "charge_rate": "チャージ額に応じて",
    "automatic": "自動",
    "user_action_required": "受け取りの操作が必要",
}
_CODED = {"municipality_kind", "kind", "grant_types", "receive_method"}


def columns_of(name: ListName) -> Columns:
    """The columns of a list: field, heading, width."""
    return _COLUMNS[name]


def _cell(field: str, value: Any) -> str:
    return guarded(_shown(field, value))


def _shown(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field == "participating":
        return "参画" if value else "参画しない"
    if field == "services":
        value = [service["name"] for service in value]
    values = value if isinstance(value, list) else [value]
    shown = [_WORDS.get(str(v), str(v)) if field in _CODED else str(v) for v in values]
    return "、".join(shown)


def csv_bytes(columns: Columns, items: Sequence[dict[str, Any]]) -> bytes:
    """The list as comma-separated values."""
    headings = [heading for _, heading, _ in columns]
    rows = ([_shown(field, item.get(field)) for field, _, _ in columns] for item in items)
    return rows_csv(headings, rows)


def xlsx_bytes(columns: Columns, items: Sequence[dict[str, Any]], day: str) -> bytes:
    """A workbook with one sheet; every cell is text. Equal content makes equal bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": datetime(2022, 9, 12)})  # noqa: DTZ001 - a constant
    sheet = book.add_worksheet(day)
    head = book.add_format({"bold": True, "bottom": 1})
    for place, (field, heading, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, heading, head)
        for row, item in enumerate(items, start=1):
            sheet.write_string(row, place, _cell(field, item.get(field)))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(items), 1), len(columns) - 1)
    book.close()
    return out.getvalue()
