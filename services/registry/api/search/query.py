"""What people may ask of the search, and how it is read."""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

from chassis.folding import words_of
from chassis.paging import after_of
from chassis.refusal import FieldError, Invalid, Malformed
from chassis.web import Query
from contracts.values import EntryType, GrantType, PrefectureCode, Purpose
from services.registry.model.search.asked import FACETS, AgeGroup, Search, Sort, State
from services.registry.model.search.plain import Key

T = TypeVar("T")
_MOST_WORDS = 10


def _split(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


#: One value, or several with commas between them: any of them will do.
Several = Annotated[tuple[T, ...], BeforeValidator(_split), Field(min_length=1, max_length=50)]
_MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(?:[0-9]{7})?$")]
_ServiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
_Yen = Annotated[int, Field(ge=0, le=10_000_000)]


class SearchQuery(Query):
    """Words that must all be found, however they are written, and what the measures are narrowed by."""

    q: Annotated[str, StringConstraints(max_length=200)] = ""
    #: How it stands now: ``open``, ``closing`` within seven days, ``available`` at once, ``soon``, ``paused``,
    #: ``ended``; without it everything that has not ended.
    state: Several[State] | None = None
    prefecture: Several[PrefectureCode] | None = None
    municipality: Several[_MunicipalityCode] | None = None
    purpose: Several[Purpose] | None = None
    entry_type: Several[EntryType] | None = None
    grant_type: Several[GrantType] | None = None
    #: Codes of payment services.
    service: Several[_ServiceCode] | None = None
    age: Several[AgeGroup] | None = None
    #: What one entitlement is worth at most, in yen.
    amount_from: _Yen | None = None
    amount_to: _Yen | None = None
    #: Only measures that need no application.
    no_application: bool = False


class SearchPageQuery(SearchQuery):
    """A page of what was found."""

    sort: Sort = Sort.DEADLINE
    after: Annotated[str, StringConstraints(max_length=300)] | None = None
    limit: int = Field(default=20, ge=1, le=100)


def search_of(query: SearchQuery) -> Search:
    """What is looked for."""
    words = words_of(query.q)
    if len(words) > _MOST_WORDS:
        detail = f"ことばは{_MOST_WORDS}個までにしてください。"
        raise Invalid("words-too-many", detail, errors=[FieldError("q", "words_too_many", detail)])
    if query.q.strip() and not words:
        detail = "さがせる文字がありません。ことばを入れてください。"
        raise Invalid("words-missing", detail, errors=[FieldError("q", "words_missing", detail)])
    chosen = {
        facet: frozenset(str(value) for value in getattr(query, facet) or ())
        for facet in FACETS
        if facet != "amount"
    }
    return Search(
        words=words,
        amount_from=query.amount_from,
        amount_to=query.amount_to,
        no_application=query.no_application,
        **chosen,
    )


def after_key(query: SearchPageQuery) -> Key | None:
    """The place after which the page begins; a cursor of another order leads nowhere."""
    keys = after_of(query.after, str, int, int, str)
    if keys is None:
        return None
    sort, first, second, own = keys
    if sort != query.sort:
        raise Malformed(
            "cursor-unknown",
            "一覧の続きの位置が読み取れません。最初のページから開き直してください。",
        )
    return int(first), int(second), str(own)
