"""A deadline: when it falls, and when people are reminded of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.clock import JAPAN

#: Days before a deadline on which people are reminded; 0 is its passing.
REMINDERS = (30, 7, 1, 0)
#: What a window of each system keeps people from doing in time.
_HINDERS = {"apply": {"apply"}, "allocate": {"allocate"}, "service": {"apply", "allocate"}}
_SYSTEMS = frozenset({"portal", "application", "mynaportal"})


class State(StrEnum):
    """Where a deadline stands."""

    SET = "set"
    PASSED = "passed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline on the map."""

    id: UUID
    about: str
    what: str
    title: str
    organisation_id: UUID
    payment_service_id: UUID | None
    falls_at: datetime
    state: State
    next_days: int | None
    due_at: datetime | None
    revision: int

    def differs_from(self, falls_at: datetime, title: str) -> bool:
        """Whether it has to be set anew; a name that comes after it has passed changes nothing any more."""
        if self.state is State.SET:
            return (self.falls_at, self.title) != (falls_at, title)
        return self.state is State.DROPPED or self.falls_at != falls_at

    def at(self, falls_at: datetime, title: str, now: datetime) -> "Deadline":
        """Set anew; reminders whose day is over are not said any more."""
        days, due_at = coming(falls_at, now)
        return replace(
            self,
            falls_at=falls_at,
            title=title,
            state=State.SET,
            next_days=days,
            due_at=due_at,
            revision=self.revision + 1,
        )

    def reminded(self) -> "Deadline":
        """After the reminder that is due was said: the next one, or passed."""
        if self.next_days == 0:
            return self._over(State.PASSED)
        after = REMINDERS[REMINDERS.index(self.next_days or 0) + 1]
        due_at = self.falls_at - timedelta(days=after)
        return replace(self, next_days=after, due_at=due_at, revision=self.revision + 1)

    def dropped(self) -> "Deadline":
        """Does not count any more."""
        return self._over(State.DROPPED)

    def _over(self, state: State) -> "Deadline":
        return replace(self, state=state, next_days=None, due_at=None, revision=self.revision + 1)


def coming(falls_at: datetime, now: datetime) -> tuple[int, datetime]:
    """The next reminder after ``now``, and when it is due."""
    times = [(days, falls_at - timedelta(days=days)) for days in REMINDERS]
    return next((pair for pair in times if pair[1] > now), (0, falls_at))


def deadline_id(about: str, what: str, payment_service_id: UUID | None = None) -> UUID:
    """The id of a deadline, computed from what it is about."""
    return uuid5(NAMESPACE_URL, f"machipo:deadline:{about}:{what}:{payment_service_id or ''}")


def end_of(day: date) -> datetime:
    """The instant at which a last day is over in Japan."""
    return datetime.combine(day + timedelta(days=1), time(), JAPAN)


def hinders(system: str, functions: tuple[str, ...], what: str) -> bool:
    """Whether a window keeps people from meeting a deadline of this sort."""
    if system not in _SYSTEMS and not system.startswith("provider:"):
        return False
    return not functions or bool(_HINDERS[what] & set(functions))
