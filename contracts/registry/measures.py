"""What the registry says of measures (施策) and their target lists (付与対象者リスト)."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.event import Fact
from contracts.registry.measure_entry import MeasureEntry
from contracts.values import CloseReason, OrganisationKind


class MeasureFact(Fact):
    """A fact about one measure; ``title`` is the one in plain Japanese."""

    measure_id: UUID
    municipality_id: UUID
    title: str


class MeasureSubmitted(MeasureFact):
    """A draft, or an edition of a public measure, was handed to the approver (確認に出す)."""

    type: ClassVar[str] = "registry.measure.submitted.v1"
    version: int


class MeasureReturned(MeasureFact):
    """The approver or the secretariat gave it back to be mended."""

    type: ClassVar[str] = "registry.measure.returned.v1"
    version: int
    by: OrganisationKind
    message: str


class MeasureApproved(MeasureFact):
    """Another person of the municipality approved it; the secretariat checks cover and texts next."""

    type: ClassVar[str] = "registry.measure.approved.v1"
    version: int


class PublicMeasureFact(MeasureFact):
    """A fact everybody may read; true from ``effective_at``."""

    feeds: ClassVar[tuple[str, ...]] = ("registry",)
    effective_at: AwareDatetime
    entry: MeasureEntry


class MeasurePublished(PublicMeasureFact):
    """The measure stands in the search; people apply from ``entry.apply_from`` on."""

    type: ClassVar[str] = "registry.measure.published.v1"


class MeasureOpened(PublicMeasureFact):
    """People may apply."""

    type: ClassVar[str] = "registry.measure.opened.v1"


class MeasureChanged(PublicMeasureFact):
    """A later version counts; ``changed`` names the fields, ``note`` says it in a sentence."""

    type: ClassVar[str] = "registry.measure.changed.v1"
    changed: tuple[str, ...]
    note: str = ""


class MeasurePaused(PublicMeasureFact):
    """Nobody applies for the time being; ``reason`` is a ``PauseReason``."""

    type: ClassVar[str] = "registry.measure.paused.v1"
    reason: str
    message: str = ""


class MeasureResumed(PublicMeasureFact):
    """People may apply again; before ``entry.apply_from`` it waits for that instant once more."""

    type: ClassVar[str] = "registry.measure.resumed.v1"


class MeasureUsedUp(PublicMeasureFact):
    """People may apply as before, and for now nobody gets a place: the budget or the quota is used up."""

    type: ClassVar[str] = "registry.measure.used_up.v1"


class MeasureFreed(PublicMeasureFact):
    """A place is free again."""

    type: ClassVar[str] = "registry.measure.freed.v1"


class MeasureClosed(PublicMeasureFact):
    """Nobody applies any more; what was applied for goes on."""

    type: ClassVar[str] = "registry.measure.closed.v1"
    reason: CloseReason
    message: str = ""


class MeasureCancelled(PublicMeasureFact):
    """It does not take place; nobody had applied."""

    type: ClassVar[str] = "registry.measure.cancelled.v1"
    reason: str


class MeasureSettling(PublicMeasureFact):
    """The last day to allocate is over; accounts are settled."""

    type: ClassVar[str] = "registry.measure.settling.v1"


class MeasureCompleted(PublicMeasureFact):
    """Everything is settled."""

    type: ClassVar[str] = "registry.measure.completed.v1"


class Target(BaseModel):
    """A line of a target list: a number the municipality gave out, and what differs for it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    amount_yen: int | None = None
    children: int | None = None


class TargetListPart(Fact):
    """Some lines of a new target list; they count once the list is complete."""

    type: ClassVar[str] = "registry.target_list.part.v1"
    target_list_id: UUID
    measure_id: UUID
    targets: tuple[Target, ...] = Field(max_length=1000)


class TargetListCompleted(Fact):
    """All ``count`` lines were said; from now on this list is the measure's."""

    type: ClassVar[str] = "registry.target_list.completed.v1"
    target_list_id: UUID
    measure_id: UUID
    count: int


class TargetListReplaced(Fact):
    """A later list counts instead of this one."""

    type: ClassVar[str] = "registry.target_list.replaced.v1"
    target_list_id: UUID
    measure_id: UUID
