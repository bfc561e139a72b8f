"""What one can hear of, in words and as facets: the same for members and for readers from outside."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.portal.forms import Form
from gateway.portal.words import PREFECTURES

#: What to hear of → words, and what that is.
KINDS = {
    "measure": ("施策", "新しい施策、受付の開始と終了、内容の変更"),
    "notice": ("事務局のお知らせ", "制度、説明会、一覧の公開"),
    "document": ("要領・資料", "新しい版が出たとき"),
    "maintenance": ("保守", "使えない日時と、その変更"),
    "organisation": ("登録簿", "自治体と決済事業者の登録、停止、再開"),
}
FREQUENCIES = {
    "at_once": ("すぐに", "出たらすぐに1通ずつ"),
    "daily": ("1日に1回", "毎朝8時に1通にまとめて"),
    "weekly": ("週に1回", "月曜の朝8時に1通にまとめて"),
}
LANGUAGES = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}
_PLACES = ("prefecture", "municipality", "measure", "provider")
_CARRIED = re.compile(r"(municipality:[0-9]{6}|(measure|provider):[0-9a-f-]{36})")


def facets_of(door: str) -> list[tuple[str, str, str]]:
    """What can be chosen behind a door; the register is of interest to those who work with it."""
    wanted = [k for k in KINDS if door != "public" or k != "organisation"]
    return [(k, *KINDS[k]) for k in wanted]


def frequencies() -> list[tuple[str, str, str]]:
    """How soon one can be told."""
    return [(k, *words) for k, words in FREQUENCIES.items()]


def clocks() -> list[tuple[str, str]]:
    """The hours of a day."""
    return [(f"{hour:02d}:00", f"{hour}時") for hour in range(24)]


def wish_of(form: Form) -> dict[str, Any]:
    """The form as the service takes it: the kind, and for measures the place, if one was chosen."""
    facets = [f"kind:{form['what']}"]
    if form["what"] == "measure" and _CARRIED.fullmatch(form["about"]):
        facets.append(form["about"])
    elif form["what"] == "measure" and form["prefecture"] in PREFECTURES:
        facets.append(f"prefecture:{form['prefecture']}")
    return {"matching": "all", "facets": facets, "frequency": form["frequency"]}


def carried(given: str) -> str:
    """A place, measure or service another page sent here to be followed; empty if it is none."""
    return given if _CARRIED.fullmatch(given) else ""


def in_words(subscription: Mapping[str, Any]) -> str:
    """A subscription as people read it."""
    found = [facet.partition(":") for facet in subscription["facets"]]
    kinds = [KINDS.get(value, (value,))[0] for sort, _, value in found if sort == "kind"]
    places = [_place(sort, value) for sort, _, value in found if sort in _PLACES]
    other = [value for sort, _, value in found if sort not in ("kind", *_PLACES)]
    what = "・".join([*kinds, *other]) or "すべて"
    return f"{'・'.join(places)}の{what}" if places else what


def _place(sort: str, value: str) -> str:
    names = {
        "municipality": f"団体コード {value}",
        "measure": "選んだ施策",
        "provider": "選んだ会社",
    }
    return PREFECTURES.get(value, value) if sort == "prefecture" else names[sort]
