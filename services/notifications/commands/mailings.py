"""One letter to many organisations: asked for at once, written row by row, within what is allowed in a day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection, Record
from chassis.ids import new_id
from chassis.refusal import FieldError, Invalid
from services.notifications.commands.letters import Desk
from services.notifications.commands.organisations import tell_organisation
from services.notifications.model.address import one_line
from services.notifications.model.letter import Box, Cause, letter_id_of
from services.notifications.model.quota import Quota
from services.notifications.store import mailings

_TEMPLATE = "mailing"
#: Rows written in one transaction.
_ROWS = 100


async def ask_for(
    conn: Connection, by: str, organisation_id: UUID, title: str, words: str,
    organisations: Sequence[UUID], allowed: int, at: datetime,
) -> tuple[UUID, Quota]:  # fmt: skip
    """Note that these organisations are to be written to; each of them once."""
    title = one_line(title)
    if not title or not words.strip():
        detail = "件名と本文を入れてください。"
        raise Invalid("words-missing", detail, errors=[FieldError("title", "missing", detail)])
    readers = list(dict.fromkeys(organisations))
    used = await mailings.used_for_update(conn, organisation_id, day_of(at))
    quota = Quota.of(allowed, used, at).take(len(readers))
    await mailings.save_used(conn, organisation_id, day_of(at), quota.used)
    mailing_id = new_id()
    await mailings.add_mailing(
        conn,
        mailing_id,
        organisation_id=organisation_id,
        asked_by=by,
        title=title,
        words=words,
        organisations=readers,
        at=at,
    )
    return mailing_id, quota


async def write_rows(conn: Connection, desk: Desk) -> bool:
    """Write the next rows; whether there were any."""
    rows = await mailings.waiting_for_update(conn, _ROWS)
    for row in rows:
        await _write(conn, desk, row)
    return bool(rows)


async def _write(conn: Connection, desk: Desk, row: Record) -> None:
    if not row["known"] or row["closed"]:
        state = "closed" if row["known"] else "unknown_organisation"
        return await mailings.save_row(conn, row["mailing_id"], row["row"], state, None)
    organisation_id = row["organisation_id"]
    cause = Cause(f"mailing/{row['mailing_id']}", row["row"], row["asked_at"])
    values = {"title": row["title"], "words": row["words"]}
    await tell_organisation(conn, desk, cause, organisation_id, _TEMPLATE, values)
    letter_id = letter_id_of(cause, _TEMPLATE, Box(organisation_id=organisation_id))
    return await mailings.save_row(conn, row["mailing_id"], row["row"], "written", letter_id)
