"""Files come into a registration, are looked through, and are taken out again."""

import hashlib
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Conflict
from contracts.principal import Principal
from services.registry.model.documents import (
    accepted_type,
    objection_to,
    room_for_one_more,
    shown_name,
)
from services.registry.model.organisation import EDITABLE, Organisation, State
from services.registry.store import documents, organisations
from services.registry.store.documents import Document


async def hand_in_document(
    conn: Connection,
    organisation_id: UUID,
    *,
    slot: str,
    name: str,
    content: bytes,
    by: Principal,
    now: datetime,
) -> Document:
    """Take a file into quarantine; one that was in its slot before gives way."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    _open_for_documents(organisation)
    media_type = accepted_type(content, slot, organisation.kind)
    present = await documents.documents_of(conn, organisation_id)
    room_for_one_more(len(present))
    for earlier in present:
        if earlier.slot == slot:
            await documents.remove_document(conn, organisation_id, earlier.id, now)
    document = Document(
        id=new_id(),
        slot=slot,
        name=shown_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        state="quarantined",
        why=None,
        uploaded_at=now,
    )
    await documents.add_document(conn, organisation_id, document, content, str(by))
    return document


async def take_out_document(
    conn: Connection, organisation_id: UUID, document_id: UUID, *, now: datetime
) -> None:
    """A file is no part of the form any more."""
    organisation = await organisations.organisation_for_update(conn, organisation_id)
    _open_for_documents(organisation)
    await documents.remove_document(conn, organisation_id, document_id, now)


async def inspect_next_document(conn: Connection) -> UUID | None:
    """Look through the file that waits longest; it is let out or refused."""
    found = await documents.next_quarantined(conn)
    if found is None:
        return None
    document_id, media_type, content = found
    await documents.save_inspection(conn, document_id, objection_to(content, media_type))
    return document_id


def _open_for_documents(organisation: Organisation) -> None:
    # A registered organisation hands files in with a change request.
    if organisation.state not in EDITABLE | {State.REGISTERED}:
        raise Conflict(
            "registration-state", "いまは書類を変えられません。審査の結果をお待ちください。"
        )
