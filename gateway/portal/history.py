"""The steps of a registration as a timeline."""

from typing import Any

from gateway.portal.words import day, moment

_ACTS = {
    "account_issued": ("", "アカウントを発行"),
    "entered_on_behalf": ("", "事務局が入力を開始"),
    "submitted": ("key", "申請を提出"),
    "submitted_again": ("key", "再提出"),
    "review_started": ("", "審査を開始"),
    "returned": ("act", "修正を依頼"),
    "rejected": ("no", "不登録"),
    "registered": ("ok", "登録"),
    "application_withdrawn": ("", "申請を取り下げ"),
    "suspended": ("act", "登録を停止"),
    "resumed": ("ok", "登録を再開"),
    "withdrawn": ("no", "辞退"),
    "change_requested": ("key", "変更の申し出"),
    "change_approved": ("ok", "変更を承認"),
    "change_rejected": ("no", "変更を見送り"),
    "change_withdrawn": ("", "変更の申し出を取り下げ"),
}
_SIDES = {"organisation": "申請者", "secretariat": "事務局", "system": ""}
REASONS = (
    ("document_incomplete", "書類の記載が足りない"),
    ("document_missing", "書類がそろっていない"),
    ("data_differs", "入力と書類の内容がちがう"),
    ("contact_unreachable", "担当者に連絡がつかない"),
    ("not_eligible", "登録できる団体・事業者に当てはまらない"),
    ("other", "そのほか"),
)


def history_of(steps: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Every step in words, the newest first."""
    return [_told(step) for step in reversed(steps)]


def _told(step: dict[str, Any]) -> dict[str, str]:
    family, title = _ACTS.get(step["act"], ("", step["act"]))
    side = _SIDES.get(step["side"], "")
    reason = dict(REASONS).get(step["reason"] or "", step["reason"] or "")
    since = f"{day(step['day'])}から" if step["day"] and step["act"] != "returned" else ""
    until = f"{day(step['day'])}まで" if step["day"] and step["act"] == "returned" else ""
    return {
        "family": family,
        "title": f"{title}（{side}）" if side else title,
        "at": step["at"],
        "at_words": moment(step["at"]),
        "text": "　".join(p for p in (f"理由：{reason}" if reason else "", since, until) if p),
    }
