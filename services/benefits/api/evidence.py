"""Evidence of an application: handed in as raw bytes, taken out, read back once it was checked."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.refusal import Conflict
from chassis.web import Answer, Ask, Query, Routes
from services.benefits.api.asked import RESIDENTS, own
from services.benefits.commands import evidence as acts
from services.benefits.model.evidence import LARGEST, MEDIA_TYPES
from services.benefits.store import evidence, measures
from services.benefits.store.evidence import Evidence

routes = Routes("/api/v1/benefits", tag="benefits")
TAKES = (*MEDIA_TYPES, "application/octet-stream")


class EvidenceQuery(Query):
    """Which paper of the measure it is, and the name of its file."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,29}$")]
    name: Annotated[str, Field(max_length=255)] = ""


class EvidenceView(BaseModel):
    """A file, and whether it can be opened yet: ``quarantined``, ``checked``, ``refused`` with why."""

    id: UUID
    code: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    why: str | None
    handed_in_at: datetime

    @classmethod
    def of(cls, found: Evidence) -> "EvidenceView":
        """As it lies there."""
        return cls(
            id=found.id,
            code=found.code,
            name=found.name,
            media_type=found.media_type,
            size=found.size,
            sha256=found.sha256,
            state=found.state,
            why=found.why,
            handed_in_at=found.handed_in_at,
        )


class EvidenceList(BaseModel):
    """The files of an application, in the order they came."""

    items: list[EvidenceView]


@routes.post(
    "/own-applications/{application_id}/evidence",
    kinds=RESIDENTS,
    takes=TAKES,
    body_limit=LARGEST,
    status=201,
)
async def add_evidence(
    ask: Ask, conn: Connection, application_id: UUID, query: EvidenceQuery, body: bytes
) -> EvidenceView:
    """Hand in a paper; what it is is told from its content, and an earlier one gives way."""
    found = await own(ask, conn, application_id, locked=True)
    measure = await measures.measure(conn, found.measure_id)
    made = await acts.hand_in(
        conn, found, measure, code=query.code, name=query.name, content=body, now=ask.now
    )
    return EvidenceView.of(made)


@routes.get("/own-applications/{application_id}/evidence", kinds=RESIDENTS)
async def own_evidence(ask: Ask, conn: Connection, application_id: UUID) -> EvidenceList:
    """What was handed in for an application."""
    found = await own(ask, conn, application_id)
    files = await evidence.evidence_of(conn, found.id)
    return EvidenceList(items=[EvidenceView.of(file) for file in files])


@routes.delete("/own-applications/{application_id}/evidence/{evidence_id}", kinds=RESIDENTS)
async def remove_evidence(
    ask: Ask, conn: Connection, application_id: UUID, evidence_id: UUID
) -> None:
    """Take a paper out again, until the application is decided."""
    found = await own(ask, conn, application_id, locked=True)
    await acts.take_out(conn, found, evidence_id, now=ask.now)


@routes.get(
    "/own-applications/{application_id}/evidence/{evidence_id}",
    kinds=RESIDENTS,
    content_type="application/octet-stream",
)
async def own_evidence_file(
    ask: Ask, conn: Connection, application_id: UUID, evidence_id: UUID
) -> Answer:
    """A paper of one's own, once it was checked."""
    found = await own(ask, conn, application_id)
    return as_file(*await evidence.with_content(conn, found.id, evidence_id))


def as_file(found: Evidence, content: bytes) -> Answer:
    """A checked file as a download; browsers neither guess at it nor run it."""
    if found.state != "checked":
        raise Conflict(
            "evidence-quarantined",
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
