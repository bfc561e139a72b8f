"""A search in the address of its page: read, carried on, said in words, widened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping

from gateway.portal.measures.words import GRANT_TYPES, PURPOSES
from gateway.portal.words import PREFECTURES

STATES = {
    "open": "募集中",
    "closing": "7日以内に締切",
    "available": "すぐにもらえる",
    "soon": "これから始まる",
    "ended": "受付終了",
}
AGES = {
    "infant": "0〜5歳",
    "school": "6〜18歳",
    "young_adult": "19〜39歳",
    "adult": "40〜64歳",
    "senior": "65歳以上",
}
NO_APPLICATION = {"true": "申込みのいらない施策"}
AMOUNTS = {
    "3000": "3,000円分以上",
    "5000": "5,000円分以上",
    "10000": "10,000円分以上",
    "30000": "30,000円分以上",
}
SORTS = {
    "deadline": "締切が近い順",
    "amount": "額が大きい順",
    "newest": "新しい順",
    "relevance": "ことばに合う順",
}
#: The groups of boxes beside the results: parameter, heading, words of the values.
BOXES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("state", "受付のようす", STATES),
    ("purpose", "目的", PURPOSES),
    ("grant_type", "もらい方", GRANT_TYPES),
    ("age", "年齢", AGES),
)
_ONE = ("q", "prefecture", "municipality", "amount_from", "amount_to", "no_application")
_MANY = ("state", "purpose", "entry_type", "grant_type", "service", "age")
_ANY: dict[str, Mapping[str, str]] = {
    "state": STATES | {"paused": "一時停止"},
    "purpose": PURPOSES,
    "grant_type": GRANT_TYPES,
    "age": AGES,
    "prefecture": PREFECTURES,
    "no_application": NO_APPLICATION,
    "amount_from": AMOUNTS,
}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page asks for."""

    pairs: tuple[tuple[str, str], ...]
    sort: str = "deadline"

    @classmethod
    def of(cls, query: MultiMapping[str]) -> "Asked":
        """The search of an address; boxes stand in it once for each, or joined by commas."""
        found: Pairs = [(n, query[n].strip()) for n in _ONE if query.get(n, "").strip()]
        for name in _MANY:
            typed = ",".join(query.getall(name, [])).split(",")
            found += [(name, value.strip()) for value in dict.fromkeys(typed) if value.strip()]
        sort = query.get("sort", "")
        return cls(tuple(found), sort if sort in SORTS else "deadline")

    def values(self, name: str) -> list[str]:
        """The values chosen of one parameter."""
        return [value for key, value in self.pairs if key == name]

    def value(self, name: str) -> str:
        """The one value of a parameter; empty without it."""
        return next(iter(self.values(name)), "")

    def parameters(self) -> dict[str, str]:
        """The search as the registry is asked."""
        found: dict[str, str] = {}
        for name, value in self.pairs:
            found[name] = f"{found[name]},{value}" if name in found else value
        return found

    def query(self) -> str:
        """The search as the end of an address of ours."""
        return urlencode([*self.pairs, *([("sort", self.sort)] if self.sort != "deadline" else [])])

    def joined(self) -> str:
        """The search as the end of an address of the registry."""
        return urlencode(self.parameters())

    def without(self, *pairs: tuple[str, str]) -> "Asked":
        """The same search with some choices taken off."""
        return Asked(tuple(pair for pair in self.pairs if pair not in pairs), self.sort)

    def with_prefecture(self, code: str) -> "Asked":
        """The same search in one prefecture."""
        kept = (p for p in self.pairs if p[0] not in ("prefecture", "municipality"))
        return Asked((*kept, ("prefecture", code)), self.sort)

    def address(self) -> str:
        """Where this search is found."""
        query = self.query()
        return f"/measures?{query}" if query else "/measures"

    def chips(self, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """Each choice in words, with the address of the search without it."""
        return [(in_words(pair, names), self.narrower(pair).address()) for pair in self.pairs]

    def narrower(self, pair: tuple[str, str]) -> "Asked":
        """Without one choice; a municipality falls with its prefecture."""
        more = [("municipality", v) for v in self.values("municipality")]
        return self.without(pair, *(more if pair[0] == "prefecture" else []))


def in_words(pair: tuple[str, str], names: Mapping[str, str]) -> str:
    """A choice as people read it."""
    name, value = pair
    if name == "q":
        return f"「{value}」"
    if name in ("amount_from", "amount_to") and value.isdecimal():
        return f"{int(value):,}円分{'以上' if name == 'amount_from' else '以下'}"
    return _ANY.get(name, {}).get(value) or names.get(value, value)


def boxes_of(asked: Asked, facets: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """The groups of boxes: each value in words, counted, checked where it was chosen."""
    return [
        {
            "name": name,
            "title": title,
            "rows": _rows(asked.values(name), words, facets.get(name, {})),
        }
        for name, title, words in BOXES
    ]


def _rows(
    chosen: Sequence[str], words: Mapping[str, str], counts: Mapping[str, int]
) -> list[tuple[str, str, int, bool]]:
    return [(value, said, counts.get(value, 0), value in chosen) for value, said in words.items()]


def options_of(
    counts: Mapping[str, int], names: Mapping[str, str], chosen: Iterable[str]
) -> list[tuple[str, str]]:
    """What can be chosen of a facet with many values: its name and count."""
    codes = sorted({*counts, *chosen})
    return [(code, f"{names.get(code, code)}（{counts.get(code, 0)}件）") for code in codes]
