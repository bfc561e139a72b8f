"""What the registry says of imports (取り込み): a file was read, or brought in, or not."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class ImportFact(Fact):
    """A fact about one file a municipality handed in."""

    import_id: UUID
    municipality_id: UUID
    #: What its rows are.
    rows_are: Literal["targets", "measures"]
    #: Of a target list.
    measure_id: UUID | None = None
    #: Who handed it in; None where a machine did.
    member_id: UUID | None = None
    #: Since when its end is waited for.
    since: AwareDatetime
    rows: int
    #: What was wrong with the whole of it, as a sentence; None if nothing was.
    reason: str | None = None


class ImportRead(ImportFact):
    """The file was read to its end; without a faulty row somebody may let it count."""

    type: ClassVar[str] = "registry.import.read.v1"
    faulty: int


class ImportEnded(ImportFact):
    """All its rows count from now on; with a reason, nothing was changed."""

    type: ClassVar[str] = "registry.import.ended.v1"
