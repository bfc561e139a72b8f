"""At most three questions about a measure, and what came of them, in words."""

from typing import Any

from gateway.portal.forms import Form
from gateway.portal.measures.words import area_name, who

_YES = {"yes": True, "no": False}
#: Verdict → (sign family, headline).
_VERDICTS = {
    "likely": ("ok", "対象のようです"),
    "unlikely": ("no", "対象ではないようです"),
    "unsure": ("run", "このページだけでは分かりません"),
}
_RULES = {
    "area": "お住まいのまち",
    "birth": "生まれた日",
    "notice": "自治体からの案内",
    "evidence": "必要な書類",
    "statements": "申し込む方の条件",
}


def questions_of(entry: dict[str, Any]) -> list[str]:
    """Which questions decide anything for this measure."""
    rule = entry["eligibility"]
    births = ("born_from", "born_until", "years_from", "years_until")
    found = ["lives_there"] if rule.get("areas") else []
    if any(rule.get(name) is not None for name in births):
        found.append("born_on")
    if rule.get("target_list") or rule.get("attendance"):
        found.append("has_notice")
    elif rule.get("statements"):
        found.append("agrees")
    return found


def asked_of(form: Form, entry: dict[str, Any]) -> dict[str, Any]:
    """The answers as the registry takes them; what is missing is noted in the form."""
    body: dict[str, Any] = {}
    for name in questions_of(entry):
        if name == "born_on":
            born = form.date("born_on", "生まれた日")
            if born is None:
                form.wrong("born_on", "生まれた日を入れてください")
            else:
                body["born_on"] = born.isoformat()
        elif form[name] not in _YES:
            form.wrong(name, "どちらかをえらんでください")
        else:
            body[name] = _YES[form[name]]
    return body


def areas_of(entry: dict[str, Any]) -> str:
    """The places of a measure by name."""
    codes = entry["eligibility"].get("areas") or []
    return "・".join(area_name(code, entry) for code in codes)


def answer_of(verdict: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The verdict in words, with the rule that decided."""
    family, title = _VERDICTS[verdict["verdict"]]
    return {
        "family": family,
        "title": title,
        "rule": _RULES.get(verdict.get("rule") or "", ""),
        "sentences": who(entry),
    }
