"""Documents of a registration: hand in as raw bytes, take out, read back once they were checked."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import Conflict
from chassis.web import Answer, Ask, Query, Routes
from contracts.values import OrganisationKind
from services.registry.api.registration import APPLICANTS, WRITERS
from services.registry.api.views import DocumentView, document_view
from services.registry.commands.documents import hand_in_document, take_out_document
from services.registry.model.documents import LARGEST, MEDIA_TYPES
from services.registry.store import documents
from services.registry.store.documents import Document

routes = Routes("/api/v1/registry", tag="registry")
TAKES = (*MEDIA_TYPES, "application/octet-stream")
SECRETARIAT = {OrganisationKind.SECRETARIAT}


class DocumentQuery(Query):
    """Which document it is, and the name of its file."""

    slot: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    name: Annotated[str, Field(max_length=255)] = ""


@routes.post(
    "/registration/documents",
    organisation=APPLICANTS,
    roles=WRITERS,
    takes=TAKES,
    body_limit=LARGEST,
    status=201,
)
async def add_document(
    ask: Ask, conn: Connection, query: DocumentQuery, body: bytes
) -> DocumentView:
    """Hand in a document; what it is is told from its content, and one in the same place gives way."""
    document = await hand_in_document(
        conn,
        ask.organisation_id,
        slot=query.slot,
        name=query.name,
        content=body,
        by=ask.principal,
        now=ask.now,
    )
    return document_view(document)


@routes.delete("/registration/documents/{document_id}", organisation=APPLICANTS, roles=WRITERS)
async def remove_document(ask: Ask, conn: Connection, document_id: UUID) -> None:
    """Take a document out of the form."""
    await take_out_document(conn, ask.organisation_id, document_id, now=ask.now)


@routes.get(
    "/registration/documents/{document_id}",
    organisation=APPLICANTS,
    content_type="application/octet-stream",
)
async def document(ask: Ask, conn: Connection, document_id: UUID) -> Answer:
    """A document's file, once it was checked."""
    found, content = await documents.document_with_content(conn, ask.organisation_id, document_id)
    return as_file(found, content)


@routes.post(
    "/registrations/{organisation_id}/documents",
    organisation=SECRETARIAT,
    roles=WRITERS,
    takes=TAKES,
    body_limit=LARGEST,
    status=201,
)
async def add_document_on_behalf(
    ask: Ask, conn: Connection, organisation_id: UUID, query: DocumentQuery, body: bytes
) -> DocumentView:
    """Hand in a document that came to the secretariat on paper."""
    document = await hand_in_document(
        conn,
        organisation_id,
        slot=query.slot,
        name=query.name,
        content=body,
        by=ask.principal,
        now=ask.now,
    )
    return document_view(document)


@routes.get(
    "/registrations/{organisation_id}/documents/{document_id}",
    organisation=SECRETARIAT,
    content_type="application/octet-stream",
)
async def document_for_review(
    ask: Ask, conn: Connection, organisation_id: UUID, document_id: UUID
) -> Answer:
    """A document's file for the reviewer, once it was checked."""
    found, content = await documents.document_with_content(conn, organisation_id, document_id)
    return as_file(found, content)


def as_file(found: Document, content: bytes) -> Answer:
    """A checked file as a download; browsers neither guess at it nor run it."""
    if found.state != "checked":
        raise Conflict(
            "document-quarantined",
            "この書類は、まだ中身を確かめています。少し待ってから開いてください。",
        )
    return Answer(
        content,
        content_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
