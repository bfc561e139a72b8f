"""An entitlement (施策ポイント): what an approved application may receive, and until when."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.clock import JAPAN
from chassis.refusal import Conflict

#: Days before the end on which somebody is reminded, the first first.
REMINDERS = (30, 7, 1)
_HOUR = time(9)


class State(StrEnum):
    """Where an entitlement is."""

    ISSUED = "issued"
    RESERVED = "reserved"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    REVOKED = "revoked"


_STEPS = {
    State.ISSUED: {State.RESERVED, State.EXPIRED, State.REVOKED},
    State.RESERVED: {State.ISSUED, State.CONSUMED},
    State.CONSUMED: {State.REVOKED},
}


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One entitlement, as it is now."""

    id: UUID
    person_id: UUID
    resident_id: UUID
    measure_id: UUID
    application_id: UUID
    amount: int
    allocate_by: date
    lane: int
    posted_id: UUID
    state: State
    issued_at: datetime
    state_since: datetime
    due: str | None
    due_at: datetime | None
    revision: int
    saved_service_id: UUID | None = None

    def stepped(self, state: State, now: datetime) -> "Entitlement":
        """The entitlement in its next state; refused where it may not go there."""
        if state not in _STEPS.get(self.state, set()):
            raise Conflict(
                "entitlement-state",
                "このポイントは、もう別の状態になっています。画面を開き直して、確かめてください。",
            )
        after = replace(self, state=state, state_since=now, revision=self.revision + 1)
        if state is State.ISSUED:
            # What became free again after its last day lapses at once.
            return after._due_after(now)
        if state is State.RESERVED:
            return after
        return replace(after, due=None, due_at=None)

    def reminded(self) -> "Entitlement":
        """The entitlement after its reminder went out; the next thing is due at its own instant."""
        assert self.due_at is not None
        return replace(self, revision=self.revision + 1)._due_after(self.due_at)

    def _due_after(self, now: datetime) -> "Entitlement":
        due, due_at = due_after(self.allocate_by, now)
        return replace(self, due=due, due_at=due_at)


def end_of(day: date) -> datetime:
    """The first instant at which ``day`` is over in Japan."""
    return datetime.combine(day + timedelta(days=1), time(), JAPAN)


def due_after(allocate_by: date, now: datetime) -> tuple[str, datetime]:
    """What comes about next by itself after ``now``, and when."""
    for days in REMINDERS:
        at = datetime.combine(allocate_by - timedelta(days=days), _HOUR, JAPAN)
        if at > now:
            return f"remind_{days}", at
    return "expire", end_of(allocate_by)
