"""The form of a session: what was typed becomes its programme, and its programme fills the form."""

from typing import Any

from gateway.portal.forms import Form, date_fields, instant_field

#: Fields that go as they are.
TEXTS = ("series", "title", "summary", "audience", "precision", "place", "link", "video")
_INSTANTS = {
    "starts_at": "始まる日時",
    "ends_at": "終わる日時",
    "sign_up_from": "受付を始める日時",
    "sign_up_until": "受付の締切",
}
_NUMBERS = {"number": "第何回か", "fiscal_year": "年度", "capacity": "定員"}


def typed_session(form: Form) -> dict[str, Any]:
    """The programme that was typed; what cannot be read is noted in the form."""
    form.need("series", "会の種類を選んでください")
    form.need("title", "会の名前を入れてください")
    form.need("audience", "参加できる方を選んでください")
    form.need("precision", "日付の書き方を選んでください")
    body: dict[str, Any] = form.pick(TEXTS)
    body |= {name: _number(form, name, label) for name, label in _NUMBERS.items()}
    body |= {name: form.instant(name, label) for name, label in _INSTANTS.items()}
    if body["fiscal_year"] is None:
        form.wrong("fiscal_year", "年度を西暦の数字で入れてください。例：2026")
    return {**body, **_days(form, body)}


def _days(form: Form, body: dict[str, Any]) -> dict[str, str | None]:
    """The first and last day; of a session with a time of day they follow from it."""
    if form["precision"] == "time":
        for name in ("starts_at", "ends_at"):
            form.need(name, f"{_INSTANTS[name]}を入れてください")
        first, last = (str(body[name] or "")[:10] for name in ("starts_at", "ends_at"))
        return {"first_on": first or None, "last_on": last or None}
    first_on = form.date("first_on", "開催日")
    last_on = form.date("last_on", "最後の日")
    if first_on is None:
        form.wrong("first_on", "開催日を入れてください。月だけのときは、その月の1日にしてください")
    return {
        "first_on": first_on.isoformat() if first_on else None,
        "last_on": last_on.isoformat() if last_on else None,
    }


def _number(form: Form, name: str, label: str) -> int | None:
    typed = form.ascii(name)
    if not typed:
        return None
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 6:
        form.wrong(name, f"{label}は数字で入れてください")
        return None
    return int(typed)


def filled_in(found: dict[str, Any]) -> Form:
    """The form of a session that is there."""
    known = {name: found[name] for name in (*TEXTS, *_NUMBERS)}
    for name in _INSTANTS:
        if found[name]:
            known[name] = instant_field(found[name])
    for name in ("first_on", "last_on"):
        known |= date_fields(name, found[name])
    return Form.of(known)
