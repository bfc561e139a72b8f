"""Lanes: no receiving domain takes them all, and one that is slow has one to itself."""

from collections import Counter, deque
from dataclasses import dataclass, field

#: A domain is slow when a mail to it takes so long, and quick again well below that.
_SLOW_SECONDS, _QUICK_SECONDS = 2.0, 0.5
_REMEMBERED = 10


@dataclass(slots=True)
class Lanes:
    """Which domains are under way, and how long mails to each take."""

    count: int
    _under_way: Counter[str] = field(default_factory=Counter)
    _seen: dict[str, deque[float]] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)

    @property
    def taken(self) -> int:
        """How many lanes something is under way in."""
        return self._under_way.total()

    @property
    def free(self) -> int:
        """How many more may be entered."""
        return self.count - self.taken

    def crowded(self) -> list[str]:
        """Domains that may not take another lane now."""
        return sorted(
            domain
            for domain, lanes in self._under_way.items()
            if lanes >= (1 if domain in self._slow else max(1, self.count // 2))
        )

    def enter(self, domain: str) -> None:
        """A lane goes to this domain."""
        self._under_way[domain] += 1

    def leave(self, domain: str) -> None:
        """It is free again."""
        self._under_way[domain] -= 1
        if self._under_way[domain] <= 0:
            del self._under_way[domain]

    def took(self, domain: str, seconds: float) -> None:
        """A mail to this domain took so long."""
        seen = self._seen.setdefault(domain, deque(maxlen=_REMEMBERED))
        seen.append(seconds)
        mean = sum(seen) / len(seen)
        if mean > _SLOW_SECONDS:
            self._slow.add(domain)
        elif mean < _QUICK_SECONDS:
            self._slow.discard(domain)
            if len(self._seen) > 10_000:
                self._seen.clear()
