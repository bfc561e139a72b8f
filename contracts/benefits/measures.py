"""What benefits says of measures: whether anything is left for those who apply now."""

from typing import ClassVar
from uuid import UUID

from contracts.event import Fact


class UseFact(Fact):
    """A fact about the budget and the quota of a measure."""

    measure_id: UUID
    municipality_id: UUID


class MeasureUsedUp(UseFact):
    """Nobody who applies now gets a place: the budget or the quota is used up."""

    type: ClassVar[str] = "benefits.measure.used_up.v1"


class MeasureFreed(UseFact):
    """A place, and the yen for it, are free again."""

    type: ClassVar[str] = "benefits.measure.freed.v1"
