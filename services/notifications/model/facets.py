"""Facets: what an announcement is about, and what a reader wants to hear of."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum

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
}
_MOST = 50


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
    found = sorted(set(facets))
    if not found or len(found) > _MOST:
        detail = f"聞きたい内容を1つから{_MOST}個まで選んでください。"
        raise Invalid("facets-count", detail, errors=[FieldError("facets", "count", detail)])
    odd = [facet for facet in found if not _is_known(facet)]
    if odd:
        detail = f"「{odd[0][:60]}」は選べません。選び直してください。"
        raise Invalid("facet-unknown", detail, errors=[FieldError("facets", "unknown", detail)])
    return found


def matches(matching: Matching, facets: Collection[str], said: Collection[str]) -> bool:
    """Whether a subscription with ``facets`` is about an announcement that says ``said``."""
    common = set(facets) & set(said)
    if matching is Matching.ANY:
        return bool(common)
    return bool(common) and sorts_in(common) == sorts_in(facets)


def _is_known(facet: str) -> bool:
    sort, _, value = facet.partition(":")
    return sort in SORTS and re.fullmatch(SORTS[sort], value) is not None
