"""How far something reached: intended = delivered + failed + pending; what the public may see of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

#: A number of people from one to one below this is not told to everybody.
SMALLEST_TOLD = 10


class Counted(Protocol):
    """Readers in one state, with a reason where they failed."""

    def __getitem__(self, name: str, /) -> Any:
        """A column."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Readers by where they are, at one instant."""

    delivered: int = 0
    failed: int = 0
    pending: int = 0
    #: Those who failed, by reason.
    reasons: Mapping[str, int] = field(default_factory=dict)
    #: Among the pending: nobody knows whether it arrived.
    unknown: int = 0
    #: Mails handed over a second time because an answer was lost: so many may have arrived twice.
    repeated: int = 0

    @property
    def intended(self) -> int:
        """Everybody who is to be told."""
        return self.delivered + self.failed + self.pending

    @classmethod
    def of(cls, rows: Iterable[Counted]) -> "Reach":
        """The reach of counted readers."""
        counts: dict[str, int] = {}
        reasons: dict[str, int] = {}
        for row in rows:
            number = int(row["readers"])
            for name, more in (
                (str(row["state"]), number),
                ("unknown", int(row["unknown"])),
                ("repeated", int(row["repeated"])),
            ):
                counts[name] = counts.get(name, 0) + more
            if row["reason"] is not None:
                reasons[str(row["reason"])] = reasons.get(str(row["reason"]), 0) + number
        return cls(reasons=reasons, **counts)


@dataclass(frozen=True, slots=True)
class PublicReach:
    """What everybody may see: no number from which one below ten could be worked out."""

    intended: int | None
    delivered: int | None
    failed: int | None
    pending: int | None
    #: The larger numbers are rounded to tens, because a small one is left out.
    rounded: bool


def for_everybody(reach: Reach) -> PublicReach:
    """The reach without small numbers, and without what they could be reckoned from."""
    parts = (reach.delivered, reach.failed, reach.pending)
    if 0 < reach.intended < SMALLEST_TOLD:
        return PublicReach(None, None, None, None, rounded=False)
    if not any(0 < part < SMALLEST_TOLD for part in parts):
        return PublicReach(
            reach.intended, reach.delivered, reach.failed, reach.pending, rounded=False
        )
    delivered, failed, pending = map(_shown, parts)
    return PublicReach(_tens(reach.intended), delivered, failed, pending, rounded=True)


def _shown(part: int) -> int | None:
    return None if 0 < part < SMALLEST_TOLD else _tens(part)


def _tens(number: int) -> int:
    return (number + 5) // 10 * 10
