"""The circuit breaker (遮断器) of a provider: who does not answer is left alone, and only that one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Open after so many calls in a row that came to nothing …
_FAILURES = 5
#: … or when nothing was answered for so long.
_SILENCE = timedelta(minutes=15)
#: Pauses before one call is let through again: after the first opening, the second, …
_PAUSES = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300))


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of how a provider answers."""

    failures: int = 0
    openings: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None

    def lets(self, now: datetime) -> bool:
        """Whether calls go out now."""
        return self.open_until is None or now >= self.open_until

    def answered(self) -> "Breaker":
        """The provider answered, whatever it said."""
        return Breaker()

    def failed(self, now: datetime) -> "Breaker":
        """A call came to nothing; enough of them open the breaker, for longer each time."""
        since = self.failing_since or now
        counted = replace(self, failures=self.failures + 1, failing_since=since)
        if not self.lets(now):
            # It went out before the breaker opened.
            return counted
        probing = self.open_until is not None
        if not probing and counted.failures < _FAILURES and now - since < _SILENCE:
            return counted
        pause = _PAUSES[min(self.openings, len(_PAUSES) - 1)]
        return replace(counted, openings=self.openings + 1, open_until=now + pause)
