"""What residents read of their applications: states in words, tasks, what comes next."""

from datetime import date, timedelta
from typing import Any

from gateway.portal.words import as_instant, day, era_of, moment

#: The sign that goes with each word benefits says of an application.
STATUS = {
    "受付済": ("off", "受付済"),
    "審査中": ("run", "審査中"),
    "承認": ("ok", "承認"),
    "付与手続中": ("go", "付与手続中"),
    "付与済": ("ok", "付与済"),
    "要対応": ("act", "要対応"),
    "不承認": ("no", "不承認"),
    "期限切れ": ("off", "期限切れ"),
    "取消": ("no", "取消"),
}
REASONS = {
    "not_resident": "対象の地域にお住まいの方ではありませんでした",
    "out_of_age_range": "対象の年齢ではありませんでした",
    "not_on_target_list": "対象者の番号が名簿にありませんでした",
    "duplicate": "同じ方の分がすでに申し込まれています",
    "evidence_missing": "書類が足りませんでした",
    "evidence_unreadable": "書類を読み取れませんでした",
    "attendance_not_confirmed": "参加の記録を確かめられませんでした",
    "statement_missing": "申し込む方の条件に当てはまりませんでした",
    "outside_period": "申込みの期間の外でした",
    "quota_reached": "定員に達していました",
    "name_mismatch": "お名前が一致しませんでした",
    "not_answered": "期限までに返事がありませんでした",
    "other": "ほかの理由です",
}
#: What happened to an application: the colour of its dot, and the words.
EVENTS = {
    "submit": ("key", "申し込みました"),
    "approve": ("ok", "承認されました"),
    "reject": ("no", "不承認になりました"),
    "return": ("act", "書類や説明をお願いされました"),
    "answer": ("key", "返事をしました"),
    "resubmit": ("key", "返事をしました"),
    "move_up": ("key", "順番が来ました"),
    "attend": ("key", "参加を記録しました"),
    "withdraw": ("key", "申込みを取り消しました"),
    "revoke": ("no", "承認が取り消されました"),
    "expire": ("act", "期限が過ぎました"),
    "complete": ("ok", "ポイントが届きました"),
}
#: What somebody still has to do, in words.
WAITING = {
    "allocate": "受け取り先を決める",
    "answer": "書類や返事を出す",
    "attend": "参加を記録する",
}
#: Nothing more happens to these.
OVER = frozenset({"付与済", "不承認", "期限切れ", "取消"})


def born(year: int | None) -> str:
    """平成2年生まれ"""
    if not year:
        return ""
    era, in_era = era_of(date(year, 7, 1))
    return f"{era}{'元' if in_era == 1 else in_era}年生まれ"


def born_on(value: str) -> str:
    """平成30年生まれ, from a day."""
    return born(date.fromisoformat(value).year)


def last_day(value: str) -> str:
    """The day somebody has until, from the first instant after it."""
    return day(as_instant(value) - timedelta(seconds=1))


def tasks_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks of one application, in order: what is done, what is to do, what comes later."""
    word, act = item["status"]["word"], (item["status"].get("next") or {}).get("act")
    decided = item["entitlement_id"] is not None
    refused = word in ("不承認", "期限切れ", "取消") and not decided
    chosen = word in ("付与手続中", "付与済")
    begun = [
        {
            "kind": "done",
            "title": "施策に申し込む",
            "tag": ("ok", "完了"),
            "text": f"{moment(item['submitted_at'])} 受付 {item['reference']}",
        },
        _review(item, decided, refused, act),
    ]
    if refused:
        return begun
    return [
        *begun,
        _allocation(item, decided, chosen, act),
        {
            "kind": "done" if word == "付与済" else "wait",
            "title": "ポイントが届く",
            "tag": ("ok", "付与済") if word == "付与済" else None,
            "text": "" if chosen else "受け取り先を決めると、決済サービスから届きます",
        },
    ]


def _review(item: dict[str, Any], decided: bool, refused: bool, act: str | None) -> dict[str, Any]:
    title = f"{item['municipality_name']}が確かめる"
    if decided:
        return {"kind": "done", "title": title, "tag": ("ok", "承認"), "text": ""}
    if refused:
        text = REASONS.get(item.get("reason") or "", "")
        return {"kind": "no", "title": title, "tag": STATUS[item["status"]["word"]], "text": text}
    if act in ("answer", "attend"):
        return {
            "kind": "now",
            "title": "お返事や参加の記録がいります",
            "href": f"/applications/{item['id']}",
            "tag": ("act", "要対応"),
            "text": item.get("message") or "",
        }
    text = "結果はこの画面でお知らせします。いまは何もしなくて大丈夫です"
    return {"kind": "wait", "title": title, "tag": ("run", "審査中"), "text": text}


def _allocation(
    item: dict[str, Any], decided: bool, chosen: bool, act: str | None
) -> dict[str, Any]:
    title = "受け取り先を決める"
    if chosen:
        href = f"/entitlements/{item['entitlement_id']}/grant"
        return {"kind": "done", "title": title, "href": href, "tag": ("ok", "完了"), "text": ""}
    if decided and act == "allocate":
        until = (item["status"].get("next") or {}).get("by")
        return {
            "kind": "now",
            "number": 2,
            "title": title,
            "href": f"/entitlements/{item['entitlement_id']}/allocate",
            "tag": ("act", "要対応"),
            "text": f"{last_day(until)}まで" if until else "",
        }
    return {"kind": "wait", "title": title, "tag": None, "text": "承認のあとで決めます"}


def next_of(items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The one thing to do next: what has the earliest end of all that waits for the resident."""
    return next(iter(waiting_of(items)), None)


def waiting_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What waits for the resident, the earliest end first."""
    waiting = [item for item in items if (item["status"].get("next") or {}).get("act") in WAITING]
    return sorted(waiting, key=lambda i: str(i["status"]["next"].get("by") or "9"))
