"""The form of a measure in words: every field with its label, for check pages and differences."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.portal.forms import Form
from gateway.portal.measures.steps import TITLES
from gateway.portal.measures.typed import ROWS, form_of
from gateway.portal.measures.words import (
    CHANGE_ALLOWED,
    ENTRY_TYPES,
    GRANT_TYPES,
    ON_EXHAUSTION,
    PURPOSES,
    REVIEW_METHODS,
    UNITS,
    area_name,
)
from gateway.portal.words import day, fiscal_year

LABELS = {
    "fiscal_year": "年度",
    "purpose": "目的",
    "entry_type": "申込みの型",
    "unit": "付与の単位",
    "times": "受けられる回数",
    "areas": "対象の地域",
    "born_from": "生まれた日の初日",
    "born_until": "生まれた日の最終日",
    "years_from": "年齢の下限",
    "years_until": "年齢の上限",
    "years_on": "年齢を数える日",
    "target_list": "付与対象者リスト",
    "attendance": "参加の確認",
    "statements": "申込者が確かめる文",
    "grant_type": "付与のしかた",
    "amount_yen": "金額",
    "steps": "人数ごとの表",
    "children_from": "人数",
    "rate_percent": "率",
    "cap_per_entitlement_yen": "1人あたりの上限",
    "cap_per_transaction_yen": "1回あたりの上限",
    "budget_yen": "予算",
    "quota": "定員",
    "on_exhaustion": "予算がなくなったとき",
    "apply_from_on": "申込みの開始の日",
    "apply_from_time": "申込みの開始の時刻",
    "apply_until_on": "申込みの締切の日",
    "apply_until_time": "申込みの締切の時刻",
    "take_part_from": "参加期間の初日",
    "take_part_until": "参加期間の最終日",
    "allocate_by": "受け取り先を決める期限",
    "grant_timing": "付与の時期",
    "services": "決済サービス",
    "review_method": "審査のしかた",
    "evidence": "必要な書類",
    "occasions": "会場",
    "change_allowed": "受け取り先の変更",
    "withdrawal_allowed": "申込みの取下げ",
    "ja": "日本語",
    "easy": "やさしい日本語",
    "en": "英語",
    "title": "名前",
    "summary": "ひとことの説明",
    "body": "本文",
    "papers": "書類",
    "desks": "問い合わせ先",
}
_CHOICES = {
    "purpose": PURPOSES,
    "entry_type": ENTRY_TYPES,
    "unit": UNITS,
    "grant_type": GRANT_TYPES,
    "on_exhaustion": ON_EXHAUSTION,
    "review_method": REVIEW_METHODS,
    "change_allowed": CHANGE_ALLOWED,
    "target_list": {"yes": "使う"},
    "attendance": {"yes": "会場で確かめる"},
    "withdrawal_allowed": {"yes": "できる", "no": "できない"},
}
_NOBODY: Mapping[str, Any] = {}
#: Only in a draft, or said by the page around them.
_SILENT = {"code", "needed"}


def sections_of(measure: dict[str, Any]) -> list[dict[str, Any]]:
    """The whole form in words, page by page."""
    form = measure["form"]
    names = {c["code"]: c["name"] for c in measure["choices"]}
    known = measure.get("preview") or {}
    return [
        {"step": step, "title": title, "rows": list(_section(step, form[step], names, known))}
        for step, title in TITLES.items()
    ]


def _section(
    step: str, section: Any, names: dict[str, str], known: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    if step == "services":
        for service in section:
            on = in_words("apply_until_on", service["apply_until_on"])
            cut_off = f"{on}{service['apply_until_time']}"
            said = f"独自の締切 {cut_off}" if cut_off else ""
            rest = "。".join(text for text in (said, service["note"]) if text)
            yield names.get(service["code"], service["code"]), rest or "施策と同じ締切"
        return
    if step == "texts":
        for language, text in section.items():
            for name, value in text.items():
                if value or language != "en":
                    yield f"{LABELS[name]}（{LABELS[language]}）", value
        return
    for name, value in section.items():
        if name in ROWS.get(step, {}):
            yield from ((LABELS[name], _row_in_words(row)) for row in value)
        elif value:
            yield LABELS[name], in_words(name, value, known)


def _row_in_words(row: dict[str, str]) -> str:
    if "amount_yen" in row:
        return f"{row['children_from']}人から {in_words('amount_yen', row['amount_yen'])}"
    typed = {name: value for name, value in row.items() if value and name not in _SILENT}
    said = "、".join(in_words(name, value) for name, value in typed.items())
    return f"{said}（お持ちの方だけ）" if row.get("needed") == "no" else said


def in_words(name: str, value: Any, known: Mapping[str, Any] = _NOBODY) -> str:
    """A value as people read it; ``known`` says what the own municipality is called."""
    if name == "areas":
        return "、".join(area_name(code, dict(known)) for code in value)
    if isinstance(value, list):
        return "\n".join(value)
    text = str(value)
    if name == "fiscal_year":
        return fiscal_year(text) if text.isascii() and text.isdigit() else text
    figure = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("円")
    if name.endswith("_yen") and figure.isascii() and figure.isdigit():
        return f"{int(figure):,}円"
    if len(text) == 10 and text[4] == text[7] == "-":
        return day(text)
    if name == "rate_percent":
        return f"{text}%"
    return _CHOICES.get(name, {}).get(text, text)


def overtaken(step: str, saved: dict[str, Any], mine: Form) -> list[tuple[str, str, str]]:
    """Where somebody else saved another value than was typed: the field, theirs, mine."""
    theirs, found = form_of(step, saved), []
    for field in dict.fromkeys([*theirs.values, *mine.values]):
        label = _label(field)
        if label and theirs.all(field) != mine.all(field):
            found.append((label, _typed(field, theirs), _typed(field, mine)))
    return found


def _typed(field: str, form: Form) -> str:
    return "、".join(in_words(field, value) for value in form.all(field) if value)


def _label(field: str) -> str:
    """What a field of a page is called; nothing for what no person typed."""
    if field in LABELS:
        return LABELS[field]
    first, _, rest = field.partition("_")
    number, _, last = rest.partition("_")
    if number.isdigit() and last not in _SILENT:
        return f"{LABELS.get(first, first)} {int(number) + 1}"
    if first in ("ja", "easy", "en"):
        return f"{LABELS.get(rest, rest)}（{LABELS[first]}）"
    base, _, part = field.rpartition("_")
    return f"{LABELS[base]}（{_PARTS[part]}）" if base in LABELS and part in _PARTS else ""


_PARTS = {"era": "年号", "y": "年", "m": "月", "d": "日"}
CHECK_FAMILIES = {"ok": ("ok", "よし"), "attention": ("act", "確認"), "wrong": ("no", "直す")}
#: Values of differences that come as the registry's own words.
_WORDS = {
    **PURPOSES,
    **ENTRY_TYPES,
    **REVIEW_METHODS,
    **UNITS,
    **GRANT_TYPES,
    **ON_EXHAUSTION,
    **CHANGE_ALLOWED,
}


def changes_in_words(changes: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Every field that differs, before and after, as people read them."""
    return [
        (
            c["label"],
            _WORDS.get(c["before"], c["before"] or ""),
            _WORDS.get(c["after"], c["after"] or ""),
        )
        for c in changes
    ]
