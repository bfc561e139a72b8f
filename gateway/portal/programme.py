"""Words for sessions and maintenance windows: their states, their dates as exactly as they are known."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from gateway.portal.asking import Window
from gateway.portal.words import as_date, as_instant, day, moment, short_day

SERIES = {
    "briefing_municipality": "自治体向け説明会",
    "briefing_provider": "決済事業者向け説明会",
    "working_group": "実務検討会",
    "sdk_subcommittee": "SDK分科会",
    "event": "イベント",
}
AUDIENCES = {
    "everyone": "どなたでも",
    "municipality": "自治体の方",
    "provider": "決済事業者の方",
    "members": "アカウントをお持ちの自治体・決済事業者の方",
}
PRECISIONS = {
    "time": "日と時刻が決まっている",
    "day": "日だけ決まっている",
    "month": "月だけ決まっている",
    "range": "何日か続く",
}
#: State → (sign family, word).
SESSION = {
    "draft": ("off", "下書き"),
    "published": ("run", "受付前"),
    "without_sign_up": ("run", "開催予定"),
    "registration_open": ("go", "受付中"),
    "full": ("act", "満席・キャンセル待ち"),
    "closed": ("off", "受付終了"),
    "held": ("ok", "開催済み"),
    "archived": ("off", "開催済み"),
    "cancelled": ("no", "中止"),
}
WINDOW = {
    "announced": ("run", "予定"),
    "changed": ("act", "予定を変更"),
    "in_progress": ("act", "実施中"),
    "extended": ("act", "延長中"),
    "finished": ("ok", "終了"),
    "cancelled": ("off", "取りやめ"),
}
SIGN_UP = {
    "seated": ("ok", "参加できます"),
    "waiting": ("run", "キャンセル待ち"),
    "withdrawn": ("off", "取り消し済み"),
}
ACTS = {
    "announced": ("", "お知らせ"),
    "changed": ("act", "予定を変更"),
    "started": ("key", "開始"),
    "extended": ("act", "終わりの時刻を変更"),
    "finished": ("ok", "終了"),
    "cancelled": ("no", "取りやめ"),
}
SYSTEMS = {
    "portal": "このポータル",
    "application": "申込みのシステム",
    "identity": "ログインのシステム",
    "cloudsign": "クラウドサイン",
    "mynaportal": "マイナポータル",
}
FUNCTIONS = {
    "search": "施策をさがす",
    "apply": "申込み",
    "allocate": "受け取り先の決定",
    "status": "申込み状況の確認",
    "notices": "お知らせ",
    "grant": "ポイントの付与",
    "sign_in": "ログイン",
    "account": "アカウントの申請",
    "register": "登録申請",
    "match": "マッチング",
    "measure": "施策の登録",
    "contract": "契約書の送付",
    "sign_up": "説明会の申込み",
    "card": "カードの読み取り",
}


def system(name: str) -> str:
    """A system as people call it."""
    return SYSTEMS.get(name, "決済サービス " + name.removeprefix("provider:"))


def state(session: Mapping[str, Any]) -> str:
    """How a session stands, as people see it: who need not sign up waits for no sign-up to open."""
    if session["state"] == "published" and not session["sign_up_from"]:
        return "without_sign_up"
    return str(session["state"])


def functions(names: Iterable[str], whole: str) -> str:
    """What rests, in words; all of a system when nothing is named."""
    return "・".join(FUNCTIONS.get(n, n) for n in names) or f"{system(whole)}のすべて"


def when(session: Mapping[str, Any]) -> str:
    """When a session takes place, as exactly as is known."""
    first, last = as_date(session["first_on"]), as_date(session["last_on"])
    if session["precision"] == "month":
        return f"{first.year}年{first.month}月"
    if session["precision"] == "time":
        return span(session["starts_at"], session["ends_at"])
    return day(first) if first == last else f"{day(first)}から{short_day(last)}まで"


def span(starts_at: str | datetime, ends_at: str | datetime, *, about: bool = False) -> str:
    """2023年7月24日（月）22:00〜7月25日（火）6:00"""
    start, end = as_instant(starts_at), as_instant(ends_at)
    clock = f"{end.hour}:{end.minute:02d}"
    later = clock if start.date() == end.date() else f"{short_day(end)}{clock}"
    return f"{moment(start)}〜{later}{'ごろ' if about else ''}"


def numbered(session: Mapping[str, Any]) -> str:
    """第4回 実務検討会"""
    number = session["number"]
    return f"第{number}回 {session['title']}" if number else str(session["title"])


def next_window(windows: Iterable[Window], at: datetime) -> dict[str, Any] | None:
    """The window that rests something now, or the next one within two weeks."""
    soon = [w for w in windows if not w.over and w.starts_at <= at + timedelta(days=14)]
    under_way = [w for w in soon if w.acts(at)]
    found = next(iter(under_way or soon), None)
    if found is None:
        return None
    return {
        "id": str(found.maintenance_id),
        "now": bool(under_way),
        "when": span(found.starts_at, found.ends_at, about=found.end_is_estimate),
        "what": functions(found.functions, found.system),
    }


def month_of(typed: str, today: date) -> date:
    """The first of the month that was asked for; this month without one."""
    try:
        found = date.fromisoformat(f"{typed}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2016 <= found.year <= 2099 else today.replace(day=1)
