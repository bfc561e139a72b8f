"""The words of a maintenance window: the notice says what the window is, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from chassis.clock import JAPAN
from services.content.model.audience import Audience
from services.content.model.writing import Category, Link, Text, Texts, Writing

Happening = Literal["announced", "changed", "cancelled"]
#: How long before a window its notice goes up at the earliest.
LEAD = timedelta(days=21)

_SYSTEMS = {
    "portal": ("マチポ", "the portal"),
    "application": ("申込みの受付", "applications"),
    "identity": ("ログインと本人の確認", "sign-in"),
    "cloudsign": ("契約サービス（クラウドサイン）", "the contract service (CloudSign)"),
    "mynaportal": ("マイナポータル", "Mynaportal"),
}
_FUNCTIONS = {
    "search": "さがす",
    "apply": "申し込む",
    "allocate": "受け取り先を決める",
    "grant": "ポイントの付与",
    "status": "申込み状況の確認",
    "sign_in": "ログイン",
    "contract": "契約の手続き",
    "notices": "お知らせ",
    "register": "登録の手続き",
    "match": "マッチング",
    "measure": "施策の手続き",
    "account": "アカウントの設定",
    "sign_up": "説明会などの申込み",
    "card": "カードの読み取り",
}
_TITLES = {
    "announced": (
        "{system}の保守を行います",
        "{system}を とめて なおします",
        "Maintenance of {system}",
    ),
    "changed": (
        "{system}の保守の日程を変更します",
        "{system}を とめる 日が かわります",
        "Changed: maintenance of {system}",
    ),
    "cancelled": (
        "{system}の保守は行いません",
        "{system}は とまりません",
        "Cancelled: maintenance of {system}",
    ),
}
_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Window:
    """What scheduling said of a window."""

    maintenance_id: UUID
    system: str
    functions: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    end_is_estimate: bool
    impact: str
    #: What changed and why, in a sentence.
    note: str = ""

    def told_at(self, announced_at: datetime) -> datetime:
        """When its notice goes up: at once, or three weeks before it begins if that is later."""
        return max(announced_at, self.starts_at - LEAD)


def notice_of(window: Window, what: Happening) -> Writing:
    """The notice of a window, in three languages."""
    ja, en = _system(window.system)
    titles = _TITLES[what]
    return Writing(
        category=Category.MAINTENANCE,
        audience=Audience.PUBLIC,
        texts=Texts(
            ja=Text(title=titles[0].format(system=ja), body=_japanese(window, what)),
            easy=Text(title=titles[1].format(system=ja), body=_easy(window, what)),
            en=Text(title=titles[2].format(system=en), body=_english(window, what)),
        ),
        links=[Link(kind="page", target="/status", label="稼働状況")],
    )


def _system(system: str) -> tuple[str, str]:
    kind, _, code = system.partition(":")
    if kind == "provider":
        return f"決済サービス（{_plain(code)[:60]}）", f"the payment service {_plain(code)[:60]}"
    return _SYSTEMS.get(system, (_plain(system)[:60], _plain(system)[:60]))


def _japanese(window: Window, what: Happening) -> str:
    rows = [f"- 期間：{_moment(window.starts_at)} から {_moment(window.ends_at)} まで"]
    if window.end_is_estimate:
        rows.append("- 終わりの時刻は見込みです。早くなることも、遅くなることもあります。")
    names = "、".join(_FUNCTIONS.get(f, _plain(f)) for f in window.functions)
    rows.append(f"- 止まる機能：{names or 'すべて'}")
    ends = {
        "cancelled": "予定していた保守は取りやめました。ふだんどおりお使いいただけます。",
        "changed": "前にお知らせした日程を、次のとおり変更します。",
        "announced": "次の時間は、一部の機能をお使いいただけません。",
    }
    parts = [ends[what], *([_plain(window.note)[:1_000]] if window.note else [])]
    parts += ["\n".join(rows[:1] if what == "cancelled" else rows)]
    if window.impact and what != "cancelled":
        parts.append(_plain(window.impact)[:5_000])
    return "\n\n".join(parts)


def _easy(window: Window, what: Happening) -> str:
    if what == "cancelled":
        return "とめる 予定でしたが、とめません。いつもと おなじように つかえます。"
    return (
        f"つかえない 時間：\n\n- {_moment(window.starts_at)} から\n- {_moment(window.ends_at)} まで"
    )


def _english(window: Window, what: Happening) -> str:
    if what == "cancelled":
        return "The maintenance will not take place. Everything works as usual."
    start, end = (
        at.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M") for at in (window.starts_at, window.ends_at)
    )
    about = " (the end is an estimate)" if window.end_is_estimate else ""
    return f"Not available from {start} to {end}, Japan time{about}."


def _moment(at: datetime) -> str:
    t = at.astimezone(JAPAN)
    return f"{t.year}年{t.month}月{t.day}日（{_WEEKDAYS[t.weekday()]}）{t.hour}:{t.minute:02d}"


def _plain(text: str) -> str:
    """Words of another service, with nothing in them that could be taken for a tag or a new line of ours."""
    return " ".join(text.replace("<", "＜").split())
