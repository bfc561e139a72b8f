"""When somebody is told: at once, in a digest, and not in the hours they want to be left alone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from chassis.clock import JAPAN

#: Digests are closed in the morning, before people begin to work; the weekly one on Mondays.
CLOSES_AT = time(8)
_MONDAY = 0


class Frequency(StrEnum):
    """How soon a subscription tells."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when, on Japan's clock, nothing that can wait goes out."""

    begin: time
    end: time

    def hold(self, time_of_day: time) -> bool:
        """Whether it is quiet; over midnight where the end lies before the beginning."""
        if self.begin < self.end:
            return self.begin <= time_of_day < self.end
        return time_of_day >= self.begin or time_of_day < self.end


def window_end(frequency: Frequency, at: datetime) -> datetime:
    """The first end of a window after ``at``: 8:00 in Japan, for weekly ones on Monday."""
    there = at.astimezone(JAPAN)
    end = datetime.combine(there.date(), CLOSES_AT, JAPAN)
    if frequency is Frequency.WEEKLY:
        end += timedelta(days=(_MONDAY - end.weekday()) % 7)
    step = timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    return end + step if end <= there else end


def held_until(quiet: QuietHours | None, at: datetime, *, urgent: bool = False) -> datetime:
    """When a mail of ``at`` goes out: held to the end of the quiet hours, never lost, and never if urgent."""
    if quiet is None or urgent:
        return at
    there = at.astimezone(JAPAN)
    if not quiet.hold(there.time()):
        return at
    end = datetime.combine(there.date(), quiet.end, JAPAN)
    return end if end > there else end + timedelta(days=1)
