"""Codes for occasions, and residents who read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Connection
from chassis.web import Answer, Ask, Body, Routes
from services.benefits.api.asked import RESIDENTS, resident_of, tags_of
from services.benefits.api.own_applications import ApplicationDetail, shown
from services.benefits.api.roles import MUNICIPALITY, STAFF
from services.benefits.commands import attendance
from services.benefits.model.attendance import read, text_of
from services.benefits.store import measures

routes = Routes("/api/v1/benefits", tag="benefits")


class CodeBody(Body):
    """For which occasion, for how long, and for how many people; without a number for all who see it."""

    measure_id: UUID = Field(strict=False)
    occasion_id: UUID = Field(strict=False)
    minutes: Annotated[int, Field(ge=1, le=720)] = 5
    uses: Annotated[int, Field(ge=1, le=10_000)] | None = None


class CodeView(BaseModel):
    """A code to be shown as a QR code, good from when to when."""

    id: UUID
    code: str
    measure_id: UUID
    occasion_id: UUID
    valid_from: datetime
    valid_until: datetime
    uses: int | None


class AttendBody(Body):
    """The text of the code; which application, where there are several (children)."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    application_id: UUID | None = Field(default=None, strict=False)


@routes.post("/attendance-codes", organisation=MUNICIPALITY, roles=STAFF, status=201)
async def make_attendance_code(ask: Ask, conn: Connection, body: CodeBody) -> CodeView:
    """A code for an occasion; a copy of it dies with it."""
    measure = await measures.measure_of(conn, body.measure_id, ask.organisation_id)
    made = await attendance.make_code(
        conn,
        measure,
        body.occasion_id,
        minutes=body.minutes,
        uses=body.uses,
        by=str(ask.principal),
        now=ask.now,
    )
    return CodeView(
        id=made.id,
        code=text_of(made.id, tags_of(ask)),
        measure_id=made.measure_id,
        occasion_id=made.occasion_id,
        valid_from=made.valid_from,
        valid_until=made.valid_until,
        uses=made.uses,
    )


@routes.post("/own-attendances", kinds=RESIDENTS, status=201, answers=ApplicationDetail)
async def attend(ask: Ask, conn: Connection, body: AttendBody) -> Answer:
    """Say at the occasion that one is there."""
    found = await attendance.attend(
        conn,
        read(body.code, tags_of(ask)),
        resident_of(ask),
        application_id=body.application_id,
        actor=str(ask.principal),
        now=ask.now,
    )
    return await shown(conn, found)
