"""Imports as people and programs see them."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.paging import Page
from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.progress import Import, ImportState
from services.registry.store.targets import TargetList


class ReasonView(BaseModel):
    """Why a whole file could not be taken, and what to do."""

    code: str
    detail: str


class ImportView(BaseModel):
    """An import and how far it has come; ``version`` goes into If-Match."""

    import_id: UUID
    kind: ImportKind
    measure_id: UUID | None
    name: str
    size: int
    sha256: str
    state: ImportState
    #: About how many rows there are, how many were read, and in how many there is something to mend.
    rows_expected: int
    rows_read: int
    rows_faulty: int
    reason: ReasonView | None
    uploaded_at: AwareDatetime
    started_at: AwareDatetime | None
    #: When reading will be over, if it goes on as it began.
    ends_about: AwareDatetime | None
    confirmed_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    version: int


class ImportPage(Page[ImportView]):
    """A page of imports, the newest first."""


class RowErrorView(BaseModel):
    """What to mend in one cell."""

    row: int
    column: str
    #: Shortened; left out where it may not be repeated.
    value: str
    code: str
    detail: str


class RowErrorPage(Page[RowErrorView]):
    """A page of what to mend, row by row."""


class TargetListView(BaseModel):
    """A target list without its lines."""

    target_list_id: UUID
    version: int
    count: int
    sha256: str
    imported_at: AwareDatetime
    replaced_at: AwareDatetime | None


class TargetListsView(BaseModel):
    """The list of a measure that counts now, and those before it."""

    measure_id: UUID
    current: TargetListView | None
    earlier: list[TargetListView]


def import_view(found: Import, now: datetime) -> ImportView:
    """An import as it is told."""
    reason = ReasonView(code=found.why, detail=found.why_detail or "") if found.why else None
    return ImportView(
        import_id=found.id,
        kind=found.kind,
        measure_id=found.measure_id,
        name=found.name,
        size=found.size,
        sha256=found.sha256,
        state=found.state,
        rows_expected=found.rows_expected,
        rows_read=found.rows_read,
        rows_faulty=found.rows_faulty,
        reason=reason,
        uploaded_at=found.uploaded_at,
        started_at=found.started_at,
        ends_about=found.ends_about(now),
        confirmed_at=found.confirmed_at,
        finished_at=found.finished_at,
        version=found.version,
    )


def list_view(found: TargetList) -> TargetListView:
    """A target list as it is told."""
    return TargetListView(
        target_list_id=found.id,
        version=found.version,
        count=found.count,
        sha256=found.sha256,
        imported_at=found.imported_at,
        replaced_at=found.replaced_at,
    )
