"""What was handed in, and every step since."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from chassis.database import Connection
from chassis.refusal import FieldError
from services.registry.model.application import (
    MunicipalityApplication,
    ProviderApplication,
    application_from,
)


@dataclass(frozen=True, slots=True)
class Submission:
    """An application as it was handed in."""

    number: int
    application: MunicipalityApplication | ProviderApplication
    submitted_at: datetime
    submitted_by: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a registration, and the text the other side got."""

    at: datetime
    act: str
    actor: str
    message: str
    reason: str | None
    remarks: tuple[FieldError, ...]
    day: date | None


async def add_submission(
    conn: Connection,
    organisation_id: UUID,
    submission: Submission,
    documents: list[dict[str, object]],
) -> None:
    """Keep what was handed in."""
    await conn.execute(
        """
        INSERT INTO submissions (organisation_id, number, application, documents, submitted_at, submitted_by)
        VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6)
        """,
        organisation_id,
        submission.number,
        submission.application.model_dump_json(),
        orjson.dumps(documents, default=str).decode(),
        submission.submitted_at,
        submission.submitted_by,
    )


async def last_submissions(conn: Connection, organisation_id: UUID) -> list[Submission]:
    """The last two things handed in, the newest first."""
    rows = await conn.fetch(
        """
        SELECT number, application, submitted_at, submitted_by
          FROM submissions
         WHERE organisation_id = $1
         ORDER BY number DESC
         LIMIT 2
        """,
        organisation_id,
    )
    return [
        Submission(
            row["number"],
            application_from(row["application"]),
            row["submitted_at"],
            row["submitted_by"],
        )
        for row in rows
    ]


async def add_step(
    conn: Connection,
    organisation_id: UUID,
    act: str,
    *,
    at: datetime,
    actor: str,
    message: str = "",
    reason: str | None = None,
    remarks: tuple[FieldError, ...] = (),
    day: date | None = None,
) -> None:
    """Note a step."""
    notes = [{"field": r.field, "code": r.code, "detail": r.detail} for r in remarks]
    await conn.execute(
        """
        INSERT INTO steps (organisation_id, at, act, actor, message, reason, remarks, day)
        VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
        """,
        organisation_id,
        at,
        act,
        actor,
        message,
        reason,
        orjson.dumps(notes).decode(),
        day,
    )


async def steps(conn: Connection, organisation_id: UUID) -> list[Step]:
    """Every step of a registration, the oldest first."""
    rows = await conn.fetch(
        """
        SELECT at, act, actor, message, reason, remarks, day
          FROM steps
         WHERE organisation_id = $1
         ORDER BY id
        """,
        organisation_id,
    )
    return [
        Step(
            row["at"],
            row["act"],
            row["actor"],
            row["message"],
            row["reason"],
            tuple(FieldError(**r) for r in orjson.loads(row["remarks"])),
            row["day"],
        )
        for row in rows
    ]
