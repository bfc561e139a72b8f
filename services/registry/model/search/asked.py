"""What somebody looks for."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a measure stands at an instant, as people look for it; one measure may be in several."""

    #: People may apply.
    OPEN = "open"
    #: … and within seven days they no longer may.
    CLOSING = "closing"
    #: … and it is decided at once: すぐにもらえる.
    AVAILABLE = "available"
    #: Published, and not open yet.
    SOON = "soon"
    PAUSED = "paused"
    ENDED = "ended"


#: What is shown while nobody asks for a state: everything that still concerns somebody.
CURRENT = frozenset({State.OPEN, State.SOON, State.PAUSED})


class AgeGroup(StrEnum):
    """Whom a measure is for, by completed years."""

    INFANT = "infant"
    SCHOOL = "school"
    YOUNG_ADULT = "young_adult"
    ADULT = "adult"
    SENIOR = "senior"


#: First and last completed year of each group.
YEARS = {
    AgeGroup.INFANT: (0, 5),
    AgeGroup.SCHOOL: (6, 18),
    AgeGroup.YOUNG_ADULT: (19, 39),
    AgeGroup.ADULT: (40, 64),
    AgeGroup.SENIOR: (65, 150),
}


class Sort(StrEnum):
    """Which measure stands first."""

    #: The one that closes next.
    DEADLINE = "deadline"
    #: The one that gives most.
    AMOUNT = "amount"
    #: The one that was published last.
    NEWEST = "newest"
    #: One whose title has all the words.
    RELEVANCE = "relevance"


#: What a search may be narrowed by; each is counted under all the others.
FACETS = (
    "state",
    "prefecture",
    "municipality",
    "purpose",
    "entry_type",
    "grant_type",
    "service",
    "age",
    "amount",
)
#: Where the steps of the amount begin, in yen.
AMOUNTS = (0, 3_000, 5_000, 10_000, 30_000)


@dataclass(frozen=True, slots=True)
class Search:
    """Words that must all stand in a measure, and what was chosen of each facet (any of it will do)."""

    words: tuple[str, ...] = ()
    state: frozenset[str] = frozenset()
    prefecture: frozenset[str] = frozenset()
    municipality: frozenset[str] = frozenset()
    purpose: frozenset[str] = frozenset()
    entry_type: frozenset[str] = frozenset()
    grant_type: frozenset[str] = frozenset()
    service: frozenset[str] = frozenset()
    age: frozenset[str] = frozenset()
    #: What one entitlement is worth at most, in yen.
    amount_from: int | None = None
    amount_to: int | None = None
    #: Only measures that need no application.
    no_application: bool = False

    def chosen(self, facet: str) -> frozenset[str]:
        """The values chosen of a facet; none: all of them, and of the state the current ones."""
        if facet == "state" and not self.state:
            return frozenset(CURRENT)
        found: frozenset[str] = getattr(self, facet)
        return found
