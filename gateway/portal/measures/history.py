"""The steps of a measure as a timeline, and what each of its acts is called."""

from typing import Any

from gateway.portal.measures.words import CLOSE_REASONS
from gateway.portal.words import moment

_STEPS = {
    "begun": ("key", "下書きを作成"),
    "submitted": ("key", "確認に提出"),
    "returned": ("act", "差し戻し"),
    "approved": ("ok", "庁内で承認"),
    "confirmed": ("ok", "確認済み・公開"),
    "edit_begun": ("key", "変更を開始"),
    "edit_discarded": ("", "変更を取りやめ"),
    "opened": ("ok", "募集を開始"),
    "paused": ("act", "一時停止"),
    "resumed": ("ok", "再開"),
    "closed": ("", "受付を終了"),
    "settling": ("", "精算を開始"),
    "completed": ("ok", "完了"),
    "cancelled": ("no", "中止"),
    "services_lost": ("act", "契約の終わった決済サービスを除外"),
}
_SIDES = {"municipality": "自治体", "secretariat": "事務局", "system": "自動"}


def history_of(steps: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Every step in words, the newest first."""
    return [_told(step) for step in reversed(steps)]


def _told(step: dict[str, Any]) -> dict[str, str]:
    family, title = _STEPS.get(step["act"], ("", step["act"]))
    reason = CLOSE_REASONS.get(step["reason"] or "", "")
    return {
        "family": family,
        "title": f"{title}（{_SIDES.get(step['side'], '')}）",
        "at": step["at"],
        "at_words": moment(step["at"]),
        "text": "　".join(text for text in (reason, step["message"]) if text),
    }
