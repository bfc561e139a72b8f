"""Residents see who looked at their data, and what they keep for later."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.paging import after_of, cursor_of
from chassis.web import ACCESS, Ask, Body, Query, Routes
from services.benefits.api.asked import RESIDENTS, ServiceCode, here_of, proof_of, resident_of
from services.benefits.commands import keeping
from services.benefits.store import partners, reads

routes = Routes("/api/v1/benefits", tag="benefits")


class ReadsQuery(Query):
    """Which part of the list."""

    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class ReadView(BaseModel):
    """Somebody looked: at what, why, when."""

    application_id: UUID
    reference: str
    by: str
    what: str
    why: str
    at: datetime


class OwnReads(BaseModel):
    """Who looked, the latest first."""

    items: list[ReadView]
    next: str | None = None


class SavedServiceView(BaseModel):
    """A payment service kept for later, with the last digits of the account."""

    id: UUID
    payment_service_id: UUID
    code: str
    name: str
    account_end: str
    #: How a card names the account: a proof to allocate to it is for ``link/…/<code>/<digest>``.
    account_digest: str
    offered: bool
    saved_at: datetime


class KeepBody(Body):
    """Which account of which payment service to keep; the card was read for exactly this."""

    payment_service_code: ServiceCode
    account_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    proof: Annotated[str, StringConstraints(max_length=8192)]


class OwnServices(BaseModel):
    """Payment services a resident keeps (マイ決済サービス)."""

    items: list[SavedServiceView]


@routes.get("/own-reads", kinds=RESIDENTS)
async def own_reads(ask: Ask, conn: Connection, query: ReadsQuery) -> OwnReads:
    """Who looked at which of the resident's applications."""
    keys = after_of(query.after, int)
    found = await reads.reads_of(
        conn,
        resident_of(ask),
        before=min(int(keys[0]), 2**63 - 1) if keys else None,
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    return OwnReads(
        items=[
            ReadView(
                application_id=one.application_id,
                reference=one.reference,
                by=one.municipality_name,
                what=one.what,
                why=one.why,
                at=one.at,
            )
            for one in page
        ],
        next=cursor_of(page[-1].id) if len(found) > query.limit else None,
    )


@routes.get("/own-services", kinds=RESIDENTS)
async def own_services(ask: Ask, conn: Connection) -> OwnServices:
    """Payment services the resident keeps for later."""
    return await _kept(conn, resident_of(ask))


@routes.post("/own-services", kinds=RESIDENTS, status=201)
async def keep_service(ask: Ask, conn: Connection, body: KeepBody) -> OwnServices:
    """Keep a payment service for later."""
    wish = keeping.Keeping(body.payment_service_code, body.account_id, proof_of(ask, body.proof))
    keys = ask.app[ACCESS]
    await keeping.keep(conn, lambda text: keys.seal("benefits", text), here_of(ask), wish, ask.now)
    return await _kept(conn, resident_of(ask))


@routes.delete("/own-services/{saved_service_id}", kinds=RESIDENTS)
async def forget_service(ask: Ask, conn: Connection, saved_service_id: UUID) -> None:
    """Keep a payment service no longer."""
    await partners.forget_service(conn, saved_service_id, resident_of(ask), ask.now)


async def _kept(conn: Connection, resident_id: UUID) -> OwnServices:
    found = await partners.saved_services(conn, resident_id)
    return OwnServices(items=[SavedServiceView.model_validate(dict(row)) for row in found])
