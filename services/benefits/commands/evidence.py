"""Files come to an application, are looked through, and are taken out again."""

import asyncio
import hashlib
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Invalid
from services.benefits.model.application import UNDECIDED, Application
from services.benefits.model.evidence import (
    accepted_type,
    objection_to,
    refuse_individual_numbers,
    room_for_one_more,
    shown_name,
)
from services.benefits.model.measure import Measure
from services.benefits.store import evidence
from services.benefits.store.evidence import Evidence


async def hand_in(
    conn: Connection,
    application: Application,
    measure: Measure,
    *,
    code: str,
    name: str,
    content: bytes,
    now: datetime,
) -> Evidence:
    """Take a file into quarantine; one that was handed in for the same paper gives way."""
    _open_for_evidence(application)
    if code not in {paper.code for paper in measure.entry.eligibility.evidence}:
        detail = "どの書類かを、一覧の中から選んでください。"
        raise Invalid(
            "evidence-code-unknown",
            detail,
            errors=[FieldError("code", "evidence_code_unknown", detail)],
        )
    media_type = accepted_type(content)
    # Large files take a moment in which others are answered.
    await asyncio.to_thread(refuse_individual_numbers, content)
    present = await evidence.evidence_of(conn, application.id)
    for earlier in present:
        if earlier.code == code:
            await evidence.remove_evidence(conn, application.id, earlier.id, now)
    room_for_one_more(len([e for e in present if e.code != code]))
    made = Evidence(
        id=new_id(),
        application_id=application.id,
        code=code,
        name=shown_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state="quarantined",
        why=None,
        handed_in_at=now,
    )
    await evidence.add_evidence(conn, made, content)
    return made


async def take_out(
    conn: Connection, application: Application, evidence_id: UUID, *, now: datetime
) -> None:
    """A file is no part of the application any more."""
    _open_for_evidence(application)
    await evidence.remove_evidence(conn, application.id, evidence_id, now)


async def inspect_next(conn: Connection) -> bool:
    """Look through the file that waits longest; it is let out or refused. False when none waits."""
    found = await evidence.next_quarantined(conn)
    if found is None:
        return False
    evidence_id, media_type, content = found
    await evidence.save_inspection(conn, evidence_id, objection_to(content, media_type))
    return True


def _open_for_evidence(application: Application) -> None:
    if application.state not in UNDECIDED:
        raise Conflict(
            "application-state", "この申込みには、いま書類を出せません。状況を確かめてください。"
        )
