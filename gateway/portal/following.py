"""What one can hear of, in words and as facets: the same for members and for readers from outside."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from multidict import MultiDict

from gateway.portal.forms import Form
from gateway.portal.measures.searching import AMOUNTS, Asked
from gateway.portal.measures.words import ENTRY_TYPES, GRANT_TYPES, PURPOSES
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
#: Parameter of the search → sort of facet.
_AS_FACETS = {
    "prefecture": "prefecture",
    "municipality": "municipality",
    "purpose": "category",
    "grant_type": "grant_type",
    "entry_type": "entry_type",
    "service": "service",
}
_OF_MEASURES: dict[str, Mapping[str, str]] = {
    "category": PURPOSES,
    "grant_type": GRANT_TYPES,
    "entry_type": ENTRY_TYPES,
    "amount": AMOUNTS,
}
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
    if form["what"] == "measure" and form["search"]:
        facets = followed(Asked.of(MultiDict(parse_qsl(form["search"]))))
        return {"matching": "all", "facets": facets, "frequency": form["frequency"]}
    facets = [f"kind:{form['what']}"]
    if form["what"] == "measure" and _CARRIED.fullmatch(form["about"]):
        facets.append(form["about"])
    elif form["what"] == "measure" and form["prefecture"] in PREFECTURES:
        facets.append(f"prefecture:{form['prefecture']}")
    return {"matching": "all", "facets": facets, "frequency": form["frequency"]}


def followed(asked: Asked) -> list[str]:
    """A search as facets; its state and age change with days and are not followed."""
    found = ["kind:measure"]
    for name, value in asked.pairs:
        if name == "q":
            found.append(f"word:{value[:90]}")
        elif name == "amount_from" and value in AMOUNTS:
            found.append(f"amount:{value}")
        elif name == "no_application":
            found.append("entry_type:no_application")
        elif name in _AS_FACETS:
            found.append(f"{_AS_FACETS[name]}:{value}")
    return found


def carried(given: str) -> str:
    """A place, measure or service another page sent here to be followed; empty if it is none."""
    return given if _CARRIED.fullmatch(given) else ""


def in_words(subscription: Mapping[str, Any]) -> str:
    """A subscription as people read it."""
    found = [facet.partition(":") for facet in subscription["facets"]]
    kinds = [KINDS.get(value, (value,))[0] for sort, _, value in found if sort == "kind"]
    places = [_place(sort, value) for sort, _, value in found if sort in _PLACES]
    other = [_other(sort, value) for sort, _, value in found if sort not in ("kind", *_PLACES)]
    what = "・".join([*kinds, *other]) or "すべて"
    return f"{'・'.join(places)}の{what}" if places else what


def _other(sort: str, value: str) -> str:
    if sort.startswith("word."):
        return f"「{value}」"
    return _OF_MEASURES.get(sort, {}).get(value, value)


def _place(sort: str, value: str) -> str:
    names = {
        "municipality": f"団体コード {value}",
        "measure": "選んだ施策",
        "provider": "選んだ会社",
    }
    return PREFECTURES.get(value, value) if sort == "prefecture" else names[sort]
