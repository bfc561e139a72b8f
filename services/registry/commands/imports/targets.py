"""A target list (付与対象者リスト) begins to count: kept and said, line by line, in one transaction."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import flush, publish
from contracts.registry import TargetListCompleted, TargetListPart, TargetListReplaced
from services.registry.commands.imports.handing_in import measure_of, refuse_late
from services.registry.model.imports.progress import Import
from services.registry.store import targets
from services.registry.store.targets import TargetList

#: Lines of one fact, and facts that are written at once: what is said of 200,000 lines never lies in memory whole.
_LINES, _FACTS = 1_000, 10


async def bring_in_targets(conn: Connection, held: Import, now: datetime) -> TargetList:
    """The lines that wait become the list of their measure; the one before is replaced."""
    measure_id = _measure_id(held)
    refuse_late(await measure_of(conn, held.organisation_id, measure_id))
    before = await targets.current_list(conn, measure_id, lock=True)
    if before is not None:
        await _replace(conn, before, now)
    parts = -(-held.rows_read // _LINES)
    added = TargetList(
        id=new_id(),
        measure_id=measure_id,
        version=before.version + 1 if before else 1,
        count=held.rows_read,
        sha256=held.sha256,
        imported_at=now,
        replaced_at=None,
        revision=parts + 1,
    )
    await targets.add_list(conn, added, held.id, held.confirmed_by or "")
    await _say(conn, added, now)
    return added


async def _replace(conn: Connection, before: TargetList, now: datetime) -> None:
    await targets.replace_list(conn, before, now)
    publish(
        conn,
        TargetListReplaced(
            target_list_id=before.id,
            measure_id=before.measure_id,
            revision=before.revision + 1,
            occurred_at=now,
        ),
    )


async def _say(conn: Connection, added: TargetList, now: datetime) -> None:
    last: str | None = None
    for number in range(1, added.revision):
        lines = await targets.lines_of(conn, added.id, after=last, limit=_LINES)
        last = lines[-1].number
        publish(
            conn,
            TargetListPart.model_construct(
                target_list_id=added.id,
                measure_id=added.measure_id,
                targets=tuple(lines),
                revision=number,
                occurred_at=now,
            ),
        )
        if number % _FACTS == 0:
            await flush(conn)
    publish(
        conn,
        TargetListCompleted(
            target_list_id=added.id,
            measure_id=added.measure_id,
            count=added.count,
            revision=added.revision,
            occurred_at=now,
        ),
    )


def _measure_id(held: Import) -> UUID:
    if held.measure_id is None:
        raise RuntimeError("a target list is one of a measure")
    return held.measure_id
