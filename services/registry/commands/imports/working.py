"""What a copy of the registry does with an import: take it, read it part by part, bring it in whole."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Refusal
from services.registry.commands.imports import drafts, targets
from services.registry.commands.imports.telling import tell
from services.registry.model.imports.columns import ImportKind
from services.registry.model.imports.limits import MOST_FAULTY
from services.registry.model.imports.progress import LEASE, MOST_ATTEMPTS, Import, ImportState
from services.registry.reader import Part
from services.registry.store.imports import files, rows

#: How long what was wrong with a file, or waits for a yes, is kept.
KEPT = timedelta(days=30)
_UNCONFIRMED = timedelta(days=16)
_GAVE_UP = "何度試しても終わりませんでした。何も変わっていません。ファイルを分けて、もう一度お試しください。"


class TakenOver(Exception):
    """Another copy works on it now, or somebody gave it up; what this copy found does not count."""


async def take_next(conn: Connection, worker: UUID, now: datetime) -> Import | None:
    """Take the import that waits longest; one that was begun too often ends here."""
    found = await files.waiting_for_update(conn, now)
    if found is None:
        return None
    if found.attempt >= MOST_ATTEMPTS:
        failed = found.failed("import-gave-up", _GAVE_UP, now)
        await tell(conn, found, failed, now)
        await rows.clear_all(conn, found.id, now)
        return failed
    reading = found.state is not ImportState.IMPORTING
    held = replace(
        found,
        state=ImportState.CHECKING if reading else ImportState.IMPORTING,
        attempt=found.attempt + 1,
        started_at=now if reading else found.started_at,
        rows_read=0 if reading else found.rows_read,
        rows_faulty=0 if reading else found.rows_faulty,
    )
    await files.hold(conn, held, worker, now + LEASE)
    if reading:
        await rows.clear_findings(conn, held.id)
    return held


async def keep_part(conn: Connection, held: Import, part: Part, now: datetime) -> Import:
    """Keep some rows that were read, if the import is still held."""
    gone_on = replace(
        held,
        headings=tuple(part.headings),
        rows_expected=part.expected,
        rows_read=part.read,
        rows_faulty=held.rows_faulty + len(part.faulty),
    )
    if not await files.go_on(conn, gone_on, now + LEASE):
        raise TakenOver
    # One faulty row is enough that none counts: right ones need not be kept any more.
    if gone_on.rows_faulty == 0:
        await rows.add_rows(conn, held.id, part.right)
    elif held.rows_faulty < MOST_FAULTY:
        await rows.add_faulty_rows(conn, held.id, part.faulty)
    return gone_on


async def finish_reading(conn: Connection, held: Import, now: datetime) -> None:
    """The file was read to its end: it may count, or its faulty rows are shown."""
    if not await files.still_held(conn, held):
        raise TakenOver
    await tell(conn, held, held.read_whole(now), now)
    await rows.clear_content(conn, held.id)
    if held.rows_faulty:
        await rows.clear_rows(conn, held.id)


async def refuse_file(
    conn: Connection, held: Import, code: str, detail: str, now: datetime
) -> None:
    """The file as a whole cannot be taken."""
    if not await files.still_held(conn, held):
        raise TakenOver
    await tell(conn, held, held.refused(code, detail, now), now)
    await rows.clear_all(conn, held.id, now)


async def bring_in(conn: Connection, held: Import, now: datetime) -> None:
    """All rows count from now on, or none does."""
    if not await files.still_held(conn, held):
        raise TakenOver
    if held.kind is ImportKind.TARGETS:
        await targets.bring_in_targets(conn, held, now)
    else:
        await drafts.bring_in_measures(conn, held, now)
    await tell(conn, held, held.imported(now), now)
    await rows.clear_all(conn, held.id, now)


async def not_brought_in(conn: Connection, held: Import, why: Refusal, now: datetime) -> None:
    """A rule said no to the whole; nothing was changed."""
    if not await files.still_held(conn, held):
        raise TakenOver
    await tell(conn, held, held.failed(why.code, why.detail, now), now)
    await rows.clear_all(conn, held.id, now)


async def forget(conn: Connection, now: datetime) -> bool:
    """Forget what nobody needs any more; whether there was something."""
    old = await files.forgotten_for_update(conn, now - KEPT, _UNCONFIRMED)
    for found in old:
        if found.state is ImportState.CHECKED:
            await files.save_import(conn, found.cancelled(now))
        await rows.clear_all(conn, found.id, now)
    return bool(old)
