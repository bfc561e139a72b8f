"""An import (取り込み) on its way: from the file to what counts, or to what must be mended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Stale
from services.registry.model.imports.columns import ImportKind


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: While it is in one of these there is no second of the same kind.
OPEN = frozenset(
    {ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.IMPORTING}
)
_GIVEN_UP = frozenset({ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED})
#: How long a copy may say nothing before another takes its import over.
LEASE = timedelta(seconds=30)
#: How often reading or importing is begun before it is given up.
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Import:
    """One file and what became of it."""

    id: UUID
    organisation_id: UUID
    kind: ImportKind
    measure_id: UUID | None
    name: str
    media_type: str
    size: int
    sha256: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    why: str | None = None
    why_detail: str | None = None
    headings: tuple[str, ...] = ()
    rows_expected: int = 0
    rows_read: int = 0
    rows_faulty: int = 0
    attempt: int = 0
    started_at: datetime | None = None
    checked_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    finished_at: datetime | None = None
    version: int = 1
    #: Of the last fact said about it.
    revision: int = 0

    @property
    def member_id(self) -> UUID | None:
        """The member who handed it in; None if a machine did."""
        kind, _, who = self.uploaded_by.partition("/")
        return UUID(who) if kind == "member" else None

    def expected(self, version: int | None) -> "Import":
        """This, if it is what the client saw."""
        if version is not None and version != self.version:
            raise Stale(
                "import-changed", "先に状況が変わりました。画面を開き直して確かめてください。"
            )
        return self

    def confirmed(self, by: str, now: datetime) -> "Import":
        """It shall count, with all its rows."""
        if self.state is not ImportState.CHECKED:
            raise Conflict(
                "import-state", "取り込めるのは、確かめ終わって直すところのないファイルだけです。"
            )
        return replace(
            self,
            state=ImportState.IMPORTING,
            confirmed_by=by,
            confirmed_at=now,
            attempt=0,
            version=self.version + 1,
        )

    def cancelled(self, now: datetime) -> "Import":
        """It shall not count; nothing was changed."""
        if self.state not in _GIVEN_UP:
            raise Conflict("import-state", "この取り込みは、もうやめられません。")
        return self._ended(ImportState.CANCELLED, now)

    def read_whole(self, now: datetime) -> "Import":
        """Every row was read: all are right, or none shall count."""
        if self.rows_faulty:
            return self._ended(ImportState.REFUSED, now)
        checked = replace(self, state=ImportState.CHECKED, checked_at=now)
        return replace(checked, version=self.version + 1)

    def refused(self, code: str, detail: str, now: datetime) -> "Import":
        """The whole file cannot be taken."""
        refused = replace(self, why=code, why_detail=detail)
        return refused._ended(ImportState.REFUSED, now)

    def failed(self, code: str, detail: str, now: datetime) -> "Import":
        """It could not be brought to an end; nothing was changed."""
        return replace(self, why=code, why_detail=detail)._ended(ImportState.FAILED, now)

    def imported(self, now: datetime) -> "Import":
        """All its rows count."""
        return self._ended(ImportState.IMPORTED, now)

    def ends_about(self, now: datetime) -> datetime | None:
        """When reading will be over if it goes on as it began."""
        if self.state is not ImportState.CHECKING or not self.started_at or not self.rows_read:
            return None
        left = max(self.rows_expected - self.rows_read, 0)
        return now + (now - self.started_at) * (left / self.rows_read)

    def _ended(self, state: ImportState, now: datetime) -> "Import":
        return replace(self, state=state, finished_at=now, version=self.version + 1)
