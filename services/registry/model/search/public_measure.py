"""A public measure as the search holds it: what it is found by, how it stands, its card."""

import sys
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.folding import fold
from contracts.registry import (
    MeasureCancelled,
    MeasureClosed,
    MeasureCompleted,
    MeasureEntry,
    MeasureFreed,
    MeasureOpened,
    MeasurePaused,
    MeasurePublished,
    MeasureResumed,
    MeasureSettling,
    MeasureUsedUp,
    PublicMeasureFact,
    Text,
)
from contracts.values import EntryType, ReviewMethod
from services.registry.model.codes import DirectoryEntry
from services.registry.model.search.ages import Ages, ages_of
from services.registry.model.search.asked import AMOUNTS, State
from services.registry.model.search.card import card_of

#: Between the fields of a text, so that no word is found across two of them.
BETWEEN = "\x1f"
_CLOSING = timedelta(days=7)


class Status(StrEnum):
    """What was said last of how a measure stands."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


#: Facts after which a measure stands differently; one that only changes its content is not among them.
STATUS_AFTER: dict[type[PublicMeasureFact], Status] = {
    MeasurePublished: Status.SCHEDULED,
    MeasureOpened: Status.OPEN,
    MeasureResumed: Status.OPEN,
    MeasurePaused: Status.PAUSED,
    MeasureClosed: Status.CLOSED,
    MeasureSettling: Status.CLOSED,
    MeasureCompleted: Status.CLOSED,
    MeasureCancelled: Status.CANCELLED,
}
_STATES = {
    Status.CLOSED: frozenset({State.ENDED}),
    Status.CANCELLED: frozenset({State.ENDED}),
    Status.PAUSED: frozenset({State.PAUSED}),
    Status.SCHEDULED: frozenset({State.SOON}),
}


@dataclass(frozen=True, slots=True)
class PublicMeasure:
    """One measure in the search. Its entry is not kept: thousands of them would fill the process."""

    measure_id: UUID
    status: Status
    published_at: datetime
    apply_from: datetime
    apply_until: datetime
    #: Decided at once.
    automatic: bool
    needs_no_application: bool
    most_yen: int
    ages: Ages
    #: Its values of each facet that no time changes.
    facets: dict[str, frozenset[str]]
    #: What its municipality and its services are called, by their codes.
    names: dict[str, str]
    #: Folded, all that is looked through; the titles are its first letters.
    text: str
    title_length: int
    card: bytes
    #: Nobody who applies gets a place for now.
    used_up: bool = False

    @property
    def title(self) -> str:
        """The titles, folded."""
        return self.text[: self.title_length]

    def states(self, now: datetime) -> frozenset[State]:
        """How it stands at an instant."""
        if now >= self.apply_until:
            return frozenset({State.ENDED})
        if self.status in _STATES:
            return _STATES[self.status]
        if now < self.apply_from:
            return frozenset({State.SOON})
        found = {State.OPEN}
        if self.apply_until - now <= _CLOSING:
            found.add(State.CLOSING)
        if self.automatic and not self.used_up:
            found.add(State.AVAILABLE)
        return frozenset(found)

    def turns(self) -> tuple[datetime, ...]:
        """The instants at which time alone changes how it stands."""
        return self.apply_from, self.apply_until - _CLOSING, self.apply_until

    def age_groups(self, day: date) -> frozenset[str]:
        """The groups somebody of whom may receive on a day."""
        return self.ages.groups(day)


def public_measure(
    measure_id: UUID,
    entry: MeasureEntry,
    status: Status,
    times: tuple[datetime, datetime],
    place: DirectoryEntry | None,
) -> PublicMeasure:
    """A measure made ready to be found, first and last spoken of at ``times``.

    ``place`` adds how its municipality is read and written.
    """
    published_at, updated_at = times
    titles = BETWEEN.join(fold(text.title) for text in _texts(entry))
    return PublicMeasure(
        measure_id=measure_id,
        status=status,
        published_at=published_at,
        apply_from=entry.apply_from,
        apply_until=entry.apply_until,
        automatic=entry.review_method is ReviewMethod.AUTOMATIC,
        needs_no_application=entry.entry_type is EntryType.NO_APPLICATION,
        most_yen=entry.amount.most_yen,
        ages=ages_of(entry.eligibility),
        facets=_facets(entry),
        names={entry.municipality_code: entry.municipality_name}
        | {service.code: service.name for service in entry.services},
        text=BETWEEN.join([titles, *(fold(part) for part in _parts(entry, place) if part)]),
        title_length=len(titles),
        card=card_of(
            measure_id,
            entry,
            published_at=published_at,
            updated_at=updated_at,
            prefecture=place.prefecture if place else "",
        ),
    )


def after_fact(
    before: PublicMeasure | None,
    fact: PublicMeasureFact,
    recorded_at: datetime,
    place: DirectoryEntry | None,
) -> PublicMeasure:
    """The measure after one more fact about it."""
    status = STATUS_AFTER.get(type(fact)) or (before.status if before else Status.SCHEDULED)
    times = (before.published_at if before else recorded_at, recorded_at)
    made = public_measure(fact.measure_id, fact.entry, status, times, place)
    return replace(made, used_up=used_up_after(type(fact), before is not None and before.used_up))


def used_up_after(fact: type[PublicMeasureFact], before: bool) -> bool:
    """Whether a measure is used up after a fact; most facts leave it as it was."""
    return fact is MeasureUsedUp or (before and fact is not MeasureFreed)


def _texts(entry: MeasureEntry) -> list[Text]:
    found = [entry.texts.ja, entry.texts.easy]
    return [*found, entry.texts.en] if entry.texts.en else found


def _parts(entry: MeasureEntry, place: DirectoryEntry | None) -> list[str]:
    names = [entry.municipality_name, entry.municipality_code]
    if place is not None:
        names += [place.prefecture + place.county + place.name, place.name_kana]
        names += [place.also_written]
    names += [service.name for service in entry.services]
    return names + [part for text in _texts(entry) for part in (text.summary, text.body)]


def _facets(entry: MeasureEntry) -> dict[str, frozenset[str]]:
    step = max((step for step in AMOUNTS if step <= entry.amount.most_yen), default=0)
    values = {
        "municipality": entry.municipality_code,
        "purpose": entry.purpose,
        "entry_type": entry.entry_type,
        "grant_type": entry.amount.grant_type,
        "amount": step,
    }
    return {name: frozenset({sys.intern(str(value))}) for name, value in values.items()} | {
        "prefecture": frozenset({entry.prefecture_code} if entry.prefecture_code else ()),
        "service": frozenset(service.code for service in entry.services),
    }
