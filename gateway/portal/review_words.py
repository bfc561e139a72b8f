"""Applications under review, in words."""

from typing import Any

from gateway.portal.words import day, moment

STATES = {
    "waiting": ("off", "順番待ち"),
    "awaiting_participation": ("run", "参加待ち"),
    "in_review": ("act", "要確認"),
    "returned": ("run", "書類待ち"),
    "approved": ("ok", "承認"),
    "completed": ("ok", "付与済"),
    "rejected": ("no", "不承認"),
    "withdrawn": ("off", "取消"),
    "expired": ("off", "期限切れ"),
    "revoked": ("no", "承認の取消"),
}
SHOWN = (
    ("waiting", "要確認"),
    ("returned", "書類待ち"),
    ("attending", "参加待ち"),
    ("line", "順番待ち"),
    ("approved", "承認したもの"),
    ("rejected", "不承認にしたもの"),
    ("all", "すべて"),
)
_RULES = {
    "areas": "お住まいの市区町村",
    "born": "生年月日",
    "years": "年齢",
    "target_list": "対象者番号",
    "statements": "申込みのときの確認",
    "attendance": "会への参加",
    "children": "お子さまの人数",
    "review": "職員の確認",
}
_TOLD = {
    "areas": "団体コード {} にお住まいです",
    "years": "{}歳です",
    "target_list": "名簿にある番号です",
}
REASONS = (
    ("not_resident", "対象の地域にお住まいではない"),
    ("out_of_age_range", "対象の年齢・生年月日ではない"),
    ("not_on_target_list", "対象者の名簿にない"),
    ("duplicate", "ほかの申込みと重なっている"),
    ("evidence_missing", "書類がそろっていない"),
    ("evidence_unreadable", "書類が読み取れない"),
    ("attendance_not_confirmed", "参加を確かめられない"),
    ("outside_period", "期間の外である"),
    ("name_mismatch", "お名前が合わない"),
    ("other", "そのほか"),
)
_ALL_REASONS = dict(REASONS) | {
    "quota_reached": "定員に達した",
    "statement_missing": "確認の項目にしるしがない",
    "not_answered": "期限までに回答がなかった",
}
OUTCOMES = {"approve": "承認", "reject": "不承認", "revoke": "承認の取消"}
PROPOSALS = {
    "proposed": ("act", "承認待ち"),
    "approved": ("ok", "決定"),
    "returned": ("off", "差し戻し"),
}
FILES = {
    "quarantined": ("run", "中身を確認中"),
    "checked": ("ok", "開けます"),
    "refused": ("no", "開けません"),
}
SAYS = {"yes": ("ok", "よし"), "no": ("no", "ちがい"), "open": ("act", "確認")}
_ACTS = {
    "submit": ("key", "申込み"),
    "approve": ("ok", "承認"),
    "reject": ("no", "不承認"),
    "withdraw": ("off", "申込者が取消"),
    "return": ("act", "書類を求めた"),
    "resubmit": ("key", "申込者が回答"),
    "attend": ("key", "参加を記録"),
    "move_up": ("key", "順番が来た"),
    "revoke": ("no", "承認の取消"),
    "complete": ("ok", "付与済"),
    "expire": ("off", "期限切れ"),
}


def rule(finding: dict[str, Any]) -> str:
    """What a rule is called; a paper by its own label."""
    name = str(finding["rule"])
    if name.startswith("evidence."):
        return f"書類「{finding['told']}」"
    return _RULES.get(name, name)


def found(finding: dict[str, Any]) -> str:
    """What the rule was told, in a sentence."""
    name, says = str(finding["rule"]), finding["says"]
    if name.startswith("evidence."):
        missing = finding["reason"] == "evidence_missing"
        return "まだ届いていません" if missing else "届いています。中身を確かめてください"
    if name == "review":
        return "この施策は、職員が一件ずつ確かめます"
    if name == "attendance":
        return "会場のコードで記録されています" if says == "yes" else "まだ記録がありません"
    if name == "statements":
        return "すべてにしるしがあります" if says == "yes" else "しるしのない項目があります"
    if name == "children":
        told = f"{finding['told']}人"
        return f"{told}（申込者の申告）" if says == "open" else told
    if name in _TOLD and says == "yes":
        return _TOLD[name].format(finding["told"])
    return reason(finding["reason"]) if says == "no" else str(finding["told"])


def reason(code: str | None) -> str:
    """A reason, as the applicant reads it."""
    return _ALL_REASONS.get(code or "", code or "")


def step(event: dict[str, Any]) -> dict[str, str]:
    """A step of an application for the timeline."""
    family, title = _ACTS.get(event["act"], ("", event["act"]))
    two = "（2人で確認）" if event["approved_by"] else ""
    texts = (f"理由：{reason(event['reason'])}" if event["reason"] else "", event["message"])
    return {
        "family": family,
        "title": title + two,
        "at": event["at"],
        "at_words": moment(event["at"]),
        "text": "　".join(text for text in texts if text),
    }


def man_yen(yen: int) -> str:
    """An amount in 万円, as axes and captions say it."""
    return f"{yen / 10_000:,.0f}万円" if yen >= 10_000 else f"{yen:,}円"


def last_day(at: str) -> str:
    """The day of a promise."""
    return day(at)
