"""Facets: what an announcement is about, and what a reader wants to hear of."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from zlib import crc32

from chassis.folding import words_of
from chassis.refusal import FieldError, Invalid

#: The sorts of facets there are, and the shape of a value of each.
SORTS = {
    "kind": r"measure|maintenance|notice|document|session|organisation",
    "category": r"[a-z_]{1,40}",
    "audience": r"public|municipality|provider|secretariat",
    "prefecture": r"0[1-9]|[1-3][0-9]|4[0-7]",
    "municipality": r"[0-9]{6}",
    "provider": r"[0-9a-f-]{36}",
    "measure": r"[0-9a-f-]{36}",
    "system": r"[a-z]{1,20}(:[A-Za-z0-9_-]{1,60})?",
    "series": r"[a-z_]{1,40}",
    "grant_type": r"[a-z_]{1,40}",
    "entry_type": r"[a-z_]{1,40}",
    "service": r"[A-Za-z0-9_.-]{1,40}",
    # At least so many yen.
    "amount": r"3000|5000|10000|30000",
}
_MOST = 50
_MOST_WORDS, _LONGEST_WORD = 10, 40
#: How somebody asks for a word; it is kept as a sort of its own, so that of several words all are wanted.
_WORD = "word:"
_KEPT_WORD = re.compile(r"word\.[0-9a-f]{8}:[^:\x00-\x1f]+")


class Matching(StrEnum):
    """How the facets of a subscription are meant."""

    #: One of them is enough.
    ANY = "any"
    #: A value of every sort that is named.
    ALL = "all"


def sort_of(facet: str) -> str:
    """The sort of a facet: ``prefecture`` of ``prefecture:17``."""
    return facet.partition(":")[0]


def sorts_in(facets: Iterable[str]) -> int:
    """How many different sorts are named."""
    return len({sort_of(facet) for facet in facets})


def wanted(facets: Iterable[str]) -> list[str]:
    """The facets of a subscription, sorted and once each; refused where one cannot be understood."""
    found = sorted({kept for facet in facets for kept in _kept(facet)})
    if not found or len(found) > _MOST:
        detail = f"聞きたい内容を1つから{_MOST}個まで選んでください。"
        raise Invalid("facets-count", detail, errors=[FieldError("facets", "count", detail)])
    odd = [facet for facet in found if not _is_known(facet)]
    if odd:
        detail = f"「{odd[0][:60]}」は選べません。選び直してください。"
        raise Invalid("facet-unknown", detail, errors=[FieldError("facets", "unknown", detail)])
    return found


def _kept(facet: str) -> list[str]:
    """A facet as it is kept; what was asked for as words is folded, each word a facet."""
    if not facet.startswith(_WORD):
        return [facet]
    words = words_of(facet.removeprefix(_WORD))
    if not 0 < len(words) <= _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in words):
        return [facet]
    return [f"word.{crc32(word.encode()):08x}:{word.replace(':', '')}" for word in words]


def word_in(facet: str) -> str:
    """The folded word of a facet that wants one."""
    return facet.partition(":")[2]


def amount_steps(yen: int) -> list[str]:
    """The facets of a measure that gives at most so much."""
    return [f"amount:{step}" for step in SORTS["amount"].split("|") if yen >= int(step)]


def matches(matching: Matching, facets: Collection[str], said: Collection[str]) -> bool:
    """Whether a subscription with ``facets`` is about an announcement that says ``said``."""
    common = set(facets) & set(said)
    if matching is Matching.ANY:
        return bool(common)
    return bool(common) and sorts_in(common) == sorts_in(facets)


def _is_known(facet: str) -> bool:
    sort, _, value = facet.partition(":")
    if _KEPT_WORD.fullmatch(facet):
        return True
    return sort in SORTS and re.fullmatch(SORTS[sort], value) is not None
