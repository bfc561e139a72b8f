"""What residents read of their applications in easy Japanese and in English: the words of status, tasks and days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.clock import day_of
from gateway.portal.words import as_instant

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language."""

    lang: str
    title: str
    next: str
    nothing: str
    under_way: str
    over: str
    none: str
    search: str
    until: str
    open: str
    amount: str
    whole: str
    #: By the word benefits says.
    status: Mapping[str, str]
    acts: Mapping[str, str]
    nav: Mapping[str, str]
    day: Callable[[date], str]

    def last_day(self, end: str) -> str:
        """The day somebody has until, from the first instant after it."""
        return self.day(day_of(as_instant(end) - timedelta(seconds=1)))

    def points(self, yen: int) -> str:
        """An amount."""
        return self.amount.format(f"{yen:,}")


def _easy_day(value: date) -> str:
    return f"{value.year}年 {value.month}月 {value.day}日"


def _english_day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


TONGUES = {
    "easy": Tongue(
        lang="ja",
        title="申し込んだ もの",
        next="つぎに すること",
        nothing="いま、する ことは ありません。",
        under_way="手続きの とちゅうの もの",
        over="おわった もの",
        none="まだ 申し込んで いません。",
        search="まちの ポイントを さがす",
        until="{}までに して ください",
        open="ひらく",
        amount="{}円の ポイント",
        whole="ふつうの 日本語の ページを 見る",
        status={
            "受付済": "受け付けました",
            "審査中": "まちが 調べて います",
            "承認": "もらえます",
            "付与手続中": "送って います",
            "付与済": "来ました",
            "要対応": "する ことが あります",
            "不承認": "もらえません",
            "期限切れ": "日が すぎました",
            "取消": "やめました",
        },
        acts={
            "allocate": "ポイントを もらう ところを 決めて ください",
            "answer": "まちに 返事を して ください",
            "attend": "会に 行って ください",
        },
        nav={
            "/measures": "まちの ポイントを さがす",
            "/my": "申し込んだ もの",
            "/my/messages": "メッセージ",
            "/my/services": "もらう ところ",
            "/my/family": "かぞく",
            "/my/reads": "わたしの データ",
        },
        day=_easy_day,
    ),
    "en": Tongue(
        lang="en",
        title="Your applications",
        next="What to do next",
        nothing="There is nothing to do now.",
        under_way="Under way",
        over="Finished",
        none="You have not applied for anything yet.",
        search="Find a benefit scheme",
        until="by {}",
        open="Open (in Japanese)",
        amount="{} yen worth of points",
        whole="See the whole page in Japanese",
        status={
            "受付済": "Received",
            "審査中": "Under review",
            "承認": "Approved",
            "付与手続中": "On its way",
            "付与済": "Credited",
            "要対応": "Action needed",
            "不承認": "Not approved",
            "期限切れ": "Lapsed",
            "取消": "Cancelled",
        },
        acts={
            "allocate": "Choose where to receive your points",
            "answer": "Answer the municipality",
            "attend": "Take part, and have it recorded",
        },
        nav={
            "/measures": "Find a scheme",
            "/my": "Your applications",
            "/my/messages": "Messages",
            "/my/services": "Where to receive",
            "/my/family": "Family",
            "/my/reads": "Your data",
        },
        day=_english_day,
    ),
}
