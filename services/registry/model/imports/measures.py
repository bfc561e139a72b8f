"""The columns of measures (施策): each row is the beginning of one, kept as if it had been typed into the form."""

from collections.abc import Callable, Mapping

from services.registry.model import reading
from services.registry.model.imports.columns import Column, Wrong, folded, whole_number

# Codes stand here as texts: the process that reads files loads as little as it can.
_PURPOSES = {
    "くらしの支援": "living_support",
    "子育て": "child_rearing",
    "健康": "health",
    "地域の活動": "regional_activity",
    "カードの普及": "card_uptake",
    "お店の応援": "shop_support",
    "そのほか": "other",
}
_ENTRY_TYPES = {
    "ポイント申請型": "point_application",
    "イベント参加型": "event_participation",
    "申込みのいらない型": "no_application",
}
_GRANT_TYPES = {
    "決まった額": "fixed",
    "買い物に応じて": "purchase_rate",
    "チャージに応じて": "charge_rate",
}
_HIGHEST_BUDGET = 99_999_999_999


def _text(name: str, longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest:
            raise Wrong("text_long", f"{name}は、{longest:,}文字までにしてください。")
        return text

    return read


def _choice(name: str, words: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        found = words.get(folded(text))
        if found is None:
            raise Wrong("unknown_word", f"{name}は、{'、'.join(words)}のどれかにしてください。")
        return str(found)

    return read


def _whole(name: str, least: int, most: int) -> Callable[[str], str]:
    return lambda text: str(whole_number(text, name, least, most))


def _day(text: str) -> str:
    found = reading.day(text)
    if found is None:
        raise Wrong("day_shape", "日を、2023年9月25日 や 令和5年9月25日 のように入れてください。")
    return found.isoformat()


def _year(text: str) -> str:
    return str(whole_number(text.removesuffix("年度"), "年度", 2016, 2100))


MEASURE_COLUMNS = (
    Column("title", "施策の名前", _text("施策の名前", 60), True, ("施策名",)),
    Column("title_easy", "施策の名前（やさしい日本語）", _text("施策の名前", 60)),
    Column("summary", "ひとことの説明", _text("ひとことの説明", 200)),
    Column("body", "本文", _text("本文", 5_000)),
    Column("fiscal_year", "年度", _year),
    Column("purpose", "目的", _choice("目的", _PURPOSES)),
    Column("entry_type", "申込みの型", _choice("申込みの型", _ENTRY_TYPES)),
    Column("grant_type", "付与の方法", _choice("付与の方法", _GRANT_TYPES)),
    Column("amount_yen", "金額", _whole("金額", 1, 10_000_000)),
    Column("rate_percent", "率", _whole("率", 1, 100)),
    Column("cap_yen", "1人の上限", _whole("1人の上限", 1, 10_000_000)),
    Column("budget_yen", "予算", _whole("予算", 1, _HIGHEST_BUDGET)),
    Column("quota", "定員", _whole("定員", 1, 100_000_000)),
    Column("apply_from_on", "申込みの開始日", _day),
    Column("apply_until_on", "申込みの締切日", _day),
    Column("allocate_by", "受け取り先を決める期限", _day),
)
