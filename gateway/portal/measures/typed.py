"""A page of the form between what was saved and what is typed: everything is kept as it was typed."""

import re
from typing import Any

from gateway.portal.forms import Form, typed_date, typed_date_fields

_FIELDS = {
    "basics": ("fiscal_year", "purpose", "entry_type"),
    "who": ("unit", "times", "years_from", "years_until"),
    "amount": (
        "grant_type",
        "amount_yen",
        "rate_percent",
        "cap_per_entitlement_yen",
        "cap_per_transaction_yen",
        "budget_yen",
        "quota",
        "on_exhaustion",
    ),
    "dates": ("apply_from_time", "apply_until_time", "grant_timing"),
    "review": ("review_method", "change_allowed", "withdrawal_allowed"),
}
_DAYS = {
    "who": {
        "born_from": "生まれた日の初日",
        "born_until": "生まれた日の最終日",
        "years_on": "年齢を数える日",
    },
    "dates": {
        "apply_from_on": "申込みの開始の日",
        "apply_until_on": "申込みの締切の日",
        "take_part_from": "参加期間の初日",
        "take_part_until": "参加期間の最終日",
        "allocate_by": "受け取り先を決める期限",
    },
}
_LINES = {"who": ("areas", "statements")}
_CONDITIONS = ("target_list", "attendance")
LANGUAGES = ("ja", "easy", "en")
_TEXT = ("title", "summary", "body")
#: page → list → its fields, the most rows it may have.
ROWS: dict[str, dict[str, tuple[tuple[str, ...], int]]] = {
    "amount": {"steps": (("children_from", "amount_yen"), 20)},
    "review": {
        "evidence": (("code", "label", "needed"), 10),
        "occasions": (
            ("code", "name", "place", "starts_on", "starts_time", "ends_on", "ends_time"),
            100,
        ),
    },
    "documents": {
        "papers": (("title", "url"), 20),
        "desks": (("name", "telephone", "hours"), 20),
    },
}
_SERVICE = ("code", "apply_until_on", "apply_until_time", "note")
_MOST_SERVICES = 50
#: Fields a program fills in: they do not make a row one that somebody typed.
_SILENT = {"code", "needed"}
_REMOVED = re.compile(r"([a-z]+)-([0-9]{1,3})")


def form_of(step: str, saved: dict[str, Any]) -> Form:
    """A page of the form, filled with what was saved."""
    section = saved[step]
    if step == "services":
        return _service_form(section)
    if step == "texts":
        return Form.of({f"{t}_{n}": section[t][n] for t in LANGUAGES for n in _TEXT})
    form = Form.of({name: section[name] for name in _FIELDS.get(step, ())})
    for name in _DAYS.get(step, {}):
        for part, value in typed_date_fields(name, section[name]).items():
            form[part] = value
    for name in _LINES.get(step, ()):
        form[name] = "\n".join(section[name])
    if step == "who":
        for name in _CONDITIONS:
            if section[name] == "yes":
                form.values.add("conditions", name)
    for name, (fields, _) in ROWS.get(step, {}).items():
        for number, row in enumerate(section[name]):
            for field in fields:
                form[f"{name}_{number}_{field}"] = row[field]
    return form


def _service_form(chosen: list[dict[str, str]]) -> Form:
    form = Form()
    for number, service in enumerate(chosen):
        form.values.add("chosen", str(number))
        for name in _SERVICE:
            form[f"services_{number}_{name}"] = service[name]
    return form


def section_of(step: str, form: Form, *, blanks: bool = False) -> Any:
    """What is saved of a page; rows in which nothing was typed stay only with ``blanks``."""
    if step == "services":
        chosen = sorted({int(n) for n in form.all("chosen") if re.fullmatch("[0-9]{1,2}", n)})
        return [_row(form, "services", n, _SERVICE) for n in chosen[:_MOST_SERVICES]]
    if step == "texts":
        return {t: {n: form[f"{t}_{n}"] for n in _TEXT} for t in LANGUAGES}
    section: dict[str, Any] = form.pick(_FIELDS.get(step, ()))
    for name, label in _DAYS.get(step, {}).items():
        section[name] = typed_date(form, name, label)
    for name in _LINES.get(step, ()):
        section[name] = [line.strip() for line in form[name].splitlines() if line.strip()]
    if step == "who":
        section |= {n: "yes" if n in form.all("conditions") else "" for n in _CONDITIONS}
    for name in ROWS.get(step, {}):
        section[name] = _rows(step, name, form, blanks=blanks)
    return section


def _row(form: Form, name: str, number: int, fields: tuple[str, ...]) -> dict[str, str]:
    return {field: form[f"{name}_{number}_{field}"] for field in fields}


def _rows(step: str, name: str, form: Form, *, blanks: bool) -> list[dict[str, str]]:
    fields, most = ROWS[step][name]
    there = re.compile(rf"{name}_([0-9]{{1,3}})_[a-z_]+")
    numbers = sorted({int(m[1]) for m in map(there.fullmatch, form.values) if m})
    rows = [_row(form, name, number, fields) for number in numbers]
    kept = [row for row in rows if blanks or any(row[f] for f in fields if f not in _SILENT)]
    for row in kept:
        if "code" in row and not row["code"]:
            row["code"] = _free_code(name, kept)
    return kept[:most]


def _free_code(name: str, rows: list[dict[str, str]]) -> str:
    """A code no other row has: it stays with its row when others come and go."""
    taken = {row["code"] for row in rows}
    start = "paper" if name == "evidence" else "place"
    return next(c for c in (f"{start}-{n}" for n in range(1, len(rows) + 2)) if c not in taken)


def altered_rows(step: str, form: Form) -> tuple[Any, str] | None:
    """The page with a row more or less, as a button asked, and the field to go to; None when none was pressed."""
    section, lists = section_of(step, form, blanks=True), ROWS.get(step, {})
    added = form["add"]
    if added in lists:
        fields, most = lists[added]
        if len(section[added]) < most:
            blank = dict.fromkeys(fields, "") | ({"needed": "yes"} if "needed" in fields else {})
            if "code" in blank:
                blank["code"] = _free_code(added, section[added])
            section[added].append(blank)
        first = next(field for field in fields if field not in _SILENT)
        return section, f"{added}_{len(section[added]) - 1}_{first}"
    removed = _REMOVED.fullmatch(form["remove"])
    if removed is None or removed[1] not in lists:
        return None
    if int(removed[2]) < len(section[removed[1]]):
        del section[removed[1]][int(removed[2])]
    return section, removed[1]
