"""Residents, and the sessions in which they act: at home, or helped at a desk."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Forbidden, Unauthenticated

#: A desk session ends by itself: nobody touched anything, or it lasted its longest.
DESK_IDLE = timedelta(seconds=60)
DESK_LASTS = timedelta(minutes=10)


class EndReason(StrEnum):
    """Why a desk session ended."""

    FINISHED = "finished"
    CARD_REMOVED = "card-removed"
    ANOTHER_CARD = "another-card"
    LEFT = "left"
    RECEIPT = "receipt"
    NEXT_PERSON = "next-person"
    STAFF_LEFT = "staff-left"
    IDLE = "idle"
    ABSOLUTE = "absolute"
    SIGNED_OUT = "signed-out"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who may apply to a measure; who it is, other services never hear."""

    id: UUID
    revision: int
    registered_at: datetime
    closed_at: datetime | None = None
    #: Name and day of birth, sealed.
    called: str | None = None

    def renewed(self) -> "Resident":
        """The same person with another certificate."""
        if self.closed_at is not None:
            raise closed()
        return replace(self, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a resident is helped, and by whom."""

    id: UUID
    terminal: str
    account_id: UUID
    staff_id: UUID
    staff_session_id: UUID


@dataclass(frozen=True, slots=True)
class ResidentSession:
    """One browser in which a resident acts."""

    id: UUID
    resident_id: UUID
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    desk: Desk | None = None
    ended_at: datetime | None = None

    def idle_until(self, idle_after: timedelta) -> datetime:
        """When it is over if nobody does anything."""
        idle = DESK_IDLE if self.desk else idle_after
        return min(self.ends_at, self.last_seen_at + idle)

    def alive(self, now: datetime, idle_after: timedelta) -> bool:
        """Whether it counts now."""
        return self.ended_at is None and now < self.idle_until(idle_after)

    def end_reason(self, now: datetime) -> EndReason:
        """Why time has ended it."""
        return EndReason.ABSOLUTE if now >= self.ends_at else EndReason.IDLE


@dataclass(frozen=True, slots=True)
class Called:
    """How a resident is addressed."""

    name: str
    birth_on: date

    @property
    def masked(self) -> str:
        """The name as a desk shows it: the first letter of each part."""
        parts = self.name.replace("\u3000", " ").split()
        return " ".join(part[0] + "◯" for part in parts)


def person_over() -> Unauthenticated:
    """The refusal for a session of a resident that ended."""
    return Unauthenticated(
        "session-over", "手続きの時間が過ぎました。もう一度カードを読み取って始めてください。"
    )


def closed() -> Forbidden:
    """The refusal for a resident who acts no more."""
    return Forbidden(
        "resident-closed",
        "このカードでの手続きはできません。お住まいの市区町村の窓口にお問い合わせください。",
    )
