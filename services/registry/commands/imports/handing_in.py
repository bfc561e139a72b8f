"""What people do with an import: hand a file in, let it count, give it up."""

import hashlib
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid, NotFound
from contracts.principal import Principal
from services.registry.model.documents import shown_name
from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.findings import Unreadable
from services.registry.model.imports.progress import Import, ImportState
from services.registry.model.imports.reading import media_type_of
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import State
from services.registry.store import measures
from services.registry.store.imports import files, rows

_OVER = frozenset({State.CLOSED, State.SETTLING, State.COMPLETED, State.CANCELLED})


async def hand_in_file(
    conn: Connection,
    organisation_id: UUID,
    *,
    kind: ImportKind,
    measure_id: UUID | None,
    name: str,
    content: bytes,
    by: Principal,
    now: datetime,
) -> Import:
    """Take a file in; it is read by the next copy that is free."""
    if (kind is ImportKind.TARGETS) != (measure_id is not None):
        raise _refused(
            "measure_id", "measure_missing", "どの施策の対象者リストかを選んでください。"
        )
    if measure_id is not None:
        refuse_late(await measure_of(conn, organisation_id, measure_id))
    try:
        media_type = media_type_of(content)
    except Unreadable as why:
        raise _refused("content", why.code.replace("-", "_"), why.detail) from None
    begun = Import(
        id=new_id(),
        organisation_id=organisation_id,
        kind=kind,
        measure_id=measure_id,
        name=shown_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state=ImportState.UPLOADED,
        uploaded_at=now,
        uploaded_by=str(by),
    )
    await _keep(conn, begun, content)
    return begun


async def _keep(conn: Connection, begun: Import, content: bytes) -> None:
    try:
        async with conn.transaction():
            await files.add_import(conn, begun, content)
    except UniqueViolation:
        raise Conflict(
            "import-open",
            "先に送ったファイルがあります。取り込むか、やめてから、新しいファイルを送ってください。",
        ) from None


async def let_count(
    conn: Connection,
    organisation_id: UUID,
    import_id: UUID,
    *,
    by: Principal,
    now: datetime,
    expected: int | None,
) -> Import:
    """Everything in the file shall count; the next copy that is free brings it in, whole."""
    found = await files.import_of(conn, organisation_id, import_id, lock=True)
    confirmed = found.expected(expected).confirmed(str(by), now)
    if found.measure_id is not None:
        refuse_late(await measure_of(conn, organisation_id, found.measure_id))
    await files.save_import(conn, confirmed)
    return confirmed


async def give_up(
    conn: Connection, organisation_id: UUID, import_id: UUID, *, now: datetime
) -> Import:
    """Nothing of the file shall count, and nothing of it is kept."""
    found = await files.import_of(conn, organisation_id, import_id, lock=True)
    cancelled = found.cancelled(now)
    await files.save_import(conn, cancelled)
    await rows.clear_all(conn, import_id, now)
    return cancelled


async def measure_of(conn: Connection, organisation_id: UUID, measure_id: UUID) -> Measure:
    """A measure of the organisation; another's is not there."""
    found = await measures.measure(conn, measure_id)
    if found.municipality_id != organisation_id:
        raise NotFound("measure-unknown", "この施策は見つかりません。")
    return found


def refuse_late(measure: Measure) -> None:
    """Refuse another list for a measure to which nobody applies any more."""
    if measure.state in _OVER:
        raise Conflict("measure-over", "受付を終えた施策の対象者リストは変えられません。")


def _refused(field: str, code: str, detail: str) -> Invalid:
    return Invalid(code.replace("_", "-"), detail, errors=[FieldError(field, code, detail)])
