"""What the simulator is told to do wrong: the next so many orders, or each in so many at random."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, Field


class FaultKind(StrEnum):
    """The eight ways in which a provider goes wrong."""

    REFUSE = "refuse"
    DELAY = "delay"
    LOSE = "lose"
    DUPLICATE = "duplicate"
    CONTRADICT = "contradict"
    ROUND = "round"
    LATE = "late"
    OTHER_PERSON = "other_person"


class Fault(BaseModel):
    """The next ``times`` orders go wrong in one way."""

    kind: FaultKind
    times: int = Field(default=1, ge=1, le=1_000_000)
    #: ``lose``: before anything was written into the books, or after.
    before: bool = False


@dataclass(slots=True)
class Faults:
    """The faults to come."""

    to_come: list[Fault] = field(default_factory=list)
    #: How likely each kind is, besides those that were asked for.
    share: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    #: How often each kind happened.
    happened: dict[FaultKind, int] = field(default_factory=dict)

    def next_fault(self) -> Fault | None:
        """The fault of the next order, if it has one."""
        found = self._asked_for() or self._at_random()
        if found is not None:
            self.happened[found.kind] = self.happened.get(found.kind, 0) + 1
        return found

    def _asked_for(self) -> Fault | None:
        if not self.to_come:
            return None
        found = self.to_come[0]
        found.times -= 1
        if found.times == 0:
            self.to_come.pop(0)
        return found

    def _at_random(self) -> Fault | None:
        place = self.dice.random()
        if self.share <= 0 or place >= self.share * len(FaultKind):
            return None
        kind = list(FaultKind)[int(place / self.share)]
        return Fault(kind=kind, before=self.dice.random() < 0.5)
