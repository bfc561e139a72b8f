"""What is different between two versions of a measure, in words and figures people read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from chassis.clock import JAPAN
from contracts.registry import MeasureEntry
from services.registry.model.differences import Difference, differences

_LABELS = {
    "fiscal_year": "年度",
    "municipality_name": "自治体",
    "purpose": "目的",
    "entry_type": "申込みの型",
    "review_method": "審査のしかた",
    "unit": "付与の単位",
    "times": "受けられる回数",
    "amount": "金額",
    "amount.grant_type": "付与のしかた",
    "amount.rate_percent": "率",
    "amount.cap_per_entitlement_yen": "1人あたりの上限",
    "amount.cap_per_transaction_yen": "1回あたりの上限",
    "eligibility": "対象",
    "eligibility.areas": "対象の地域",
    "eligibility.born_from": "生まれた日の初日",
    "eligibility.born_until": "生まれた日の最終日",
    "eligibility.years_from": "年齢の下限",
    "eligibility.years_until": "年齢の上限",
    "eligibility.years_on": "年齢を数える日",
    "eligibility.target_list": "付与対象者リスト",
    "eligibility.attendance": "参加の確認",
    "eligibility.evidence": "必要な書類",
    "eligibility.statements": "申込者が確かめる文",
    "apply_from": "申込みの開始",
    "apply_until": "申込みの締切",
    "take_part_from": "参加期間の初日",
    "take_part_until": "参加期間の最終日",
    "allocate_by": "受け取り先を決める期限",
    "grant_timing": "付与の時期",
    "budget_yen": "予算",
    "quota": "定員",
    "on_exhaustion": "予算がなくなったとき",
    "services": "決済サービス",
    "occasions": "会場",
    "change_allowed": "受け取り先の変更",
    "withdrawal_allowed": "申込みの取下げ",
    "texts.ja": "文章（日本語）",
    "texts.easy": "文章（やさしい日本語）",
    "texts.en": "文章（英語）",
    "desks": "問い合わせ先",
    "papers": "書類",
}
#: By which of its fields a part of a list is told from the others.
_KEYS = ("code", "occasion_id", "children_from", "name", "title")
#: Not for people: they follow from other fields.
_UNSHOWN = {"version", "municipality_id", "provider_id", "match_id", "payment_service_id"}


class Change(Difference):
    """A field that is different, with what people call it."""

    label: str


def changes(before: MeasureEntry, after: MeasureEntry) -> list[Change]:
    """Every field that differs, the parts of lists matched by what they are called."""
    return [
        Change(**found.model_dump(), label=_label(found.field))
        for found in differences(_shown(before.model_dump()), _shown(after.model_dump()))
    ]


def changed_fields(before: MeasureEntry, after: MeasureEntry) -> tuple[str, ...]:
    """The names of the fields that differ."""
    old, new = before.model_dump(), after.model_dump()
    return tuple(name for name in new if name != "version" and old[name] != new[name])


def _label(path: str) -> str:
    parts = path.split(".")
    known = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((_LABELS[name] for name in known if name in _LABELS), path)


def _shown(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {k: _shown(v, k) for k, v in value.items() if k not in _UNSHOWN}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _keyed(value)
    return _said(value, name)


def _keyed(parts: Sequence[Any]) -> Any:
    """A list of parts as a mapping, so that one part is compared with itself wherever it stands."""
    if not parts or not isinstance(parts[0], Mapping):
        return [str(part) for part in parts]
    key = next((k for k in _KEYS if k in parts[0]), None)
    return {str(part[key]) if key else str(n): _shown(part) for n, part in enumerate(parts)}


def _said(value: Any, name: str) -> Any:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        there = value.astimezone(JAPAN)
        return f"{there.year}年{there.month}月{there.day}日 {there.hour}:{there.minute:02}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, int) and name.endswith("_yen"):
        return f"{value:,}円"
    return value.value if isinstance(value, StrEnum) else value
