"""A measure (施策) as benefits knows it from the register."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict
from contracts.registry import MeasureEntry
from contracts.values import EntryType

#: Codes are read, and networks come back, a little later.
_AFTER_THE_LAST = timedelta(hours=24)


class State(StrEnum):
    """What the register last said of a measure."""

    PUBLISHED = "published"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SETTLING = "settling"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure in the version that counts."""

    id: UUID
    ledger: int
    state: State
    entry: MeasureEntry
    funded_yen: int = 0

    @property
    def municipality_id(self) -> UUID:
        """Who offers it."""
        return self.entry.municipality_id

    @property
    def title(self) -> str:
        """What it is called in Japanese."""
        return self.entry.texts.ja.title

    @property
    def unit_yen(self) -> int:
        """What one application reserves at most."""
        return max(self.entry.amount.most_yen, 1)

    def attend_by(self) -> datetime | None:
        """Until when attendance counts: a while after the last occasion."""
        ends = [occasion.ends_at for occasion in self.entry.occasions]
        return max(ends) + _AFTER_THE_LAST if ends else None

    def take_applications(self, now: datetime) -> None:
        """Refuse when nobody may apply at this moment; the moment of handing in counts."""
        if self.entry.entry_type is EntryType.NO_APPLICATION:
            raise Conflict("no-application-needed", "この施策は、申込みが要りません。")
        if self.state is State.PAUSED:
            raise Conflict(
                "measure-paused",
                "この施策の受付は、いまお休みしています。再開までお待ちください。",
            )
        if now < self.entry.apply_from:
            raise Conflict("measure-not-open", "この施策の受付は、まだ始まっていません。")
        if self.state not in (State.OPEN, State.PUBLISHED) or now >= self.entry.apply_until:
            raise Conflict(
                "measure-closed",
                "この施策の受付は終わりました。ほかの施策をさがしてみてください。",
            )
