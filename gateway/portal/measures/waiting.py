"""Which measures wait for the one who looks, the longest wait first."""

from typing import Any

_DRAFTING = frozenset({"admin", "editor"})


def work_of(measures: list[dict[str, Any]], roles: frozenset[str]) -> list[dict[str, str]]:
    """What waits for somebody with these roles: to approve, to mend, to finish, to settle."""
    found = []
    for measure in measures:
        stage = str(measure["edition"] or measure["state"])
        address = f"/municipality/measures/{measure['measure_id']}"
        since = measure["handed_in_at"] or measure["state_since"]
        for wanted, needed, family, word, end in _WORK:
            if stage == wanted and roles & needed:
                what = {"family": family, "word": word, "href": address + end, "since": since}
                found.append(what | {"title": measure["title"]})
    order = [word for *_, word, _ in _WORK]
    return sorted(found, key=lambda w: (order.index(w["word"]), w["since"]))


#: stage → who acts, how it is marked, what is to be done, where.
_WORK = (
    ("internal_review", frozenset({"approver"}), "act", "承認を待っています", "/approve"),
    ("returned", _DRAFTING, "act", "差し戻されています", "/edit"),
    ("paused", _DRAFTING, "act", "一時停止しています", ""),
    ("draft", _DRAFTING, "off", "入力の途中です", "/edit"),
    ("settling", _DRAFTING, "run", "精算が済んだら完了にします", ""),
)
