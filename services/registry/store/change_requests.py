"""Change requests of registered organisations."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.registry.model.application import (
    MunicipalityApplication,
    ProviderApplication,
    application_from,
)
from services.registry.model.form import RegistrationForm

_COLUMNS = """
       c.id, c.organisation_id, c.state, c.wanted_on, c.reason, c.application, c.requested_at, c.requested_by,
       c.decided_at, c.decided_by, c.message, c.version
"""


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What a registered organisation wants to be registered with instead."""

    id: UUID
    organisation_id: UUID
    state: str
    wanted_on: date
    reason: str
    form: RegistrationForm
    application: MunicipalityApplication | ProviderApplication
    requested_at: datetime
    requested_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    message: str = ""
    version: int = 1


async def add_change_request(conn: Connection, request: ChangeRequest) -> None:
    """Keep a request; the database lets one be open at a time."""
    await conn.execute(
        """
        INSERT INTO change_requests (id, organisation_id, wanted_on, reason, application, requested_at, requested_by)
        VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
        """,
        request.id,
        request.organisation_id,
        request.wanted_on,
        request.reason,
        orjson.dumps(
            {
                "form": request.form.model_dump(mode="json"),
                "application": request.application.model_dump(mode="json"),
            }
        ).decode(),
        request.requested_at,
        request.requested_by,
    )


async def change_request(conn: Connection, request_id: UUID) -> ChangeRequest:
    """A request, by its id."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM change_requests c WHERE id = $1",
        request_id,
    )
    if row is None:
        raise NotFound("change-request-unknown", "この変更申請は見つかりません。")
    return _request(row)


async def change_requests_of(conn: Connection, organisation_id: UUID) -> list[ChangeRequest]:
    """The requests of an organisation, the newest first."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM change_requests c WHERE organisation_id = $1"
        " ORDER BY requested_at DESC, id DESC LIMIT 50",
        organisation_id,
    )
    return [_request(row) for row in rows]


async def change_requests(
    conn: Connection, *, state: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """Requests in a state with their organisations, the ones waiting longest first."""
    at, last = after or (None, None)
    return await conn.fetch(
        """
        SELECT c.id, c.organisation_id, c.state, c.wanted_on, c.reason, c.requested_at, c.version,
               o.kind, o.code, o.name, o.reference
          FROM change_requests c
          JOIN organisations o ON o.id = c.organisation_id
         WHERE c.state = $1
           AND ($2::timestamptz IS NULL OR (c.requested_at, c.id) > ($2, $3))
         ORDER BY c.requested_at, c.id
         LIMIT $4
        """,
        state,
        at,
        last,
        limit,
    )


async def decide_change_request(
    conn: Connection, request_id: UUID, state: str, *, at: datetime, by: str, message: str
) -> None:
    """Close a request; the database lets it be decided once."""
    await conn.execute(
        """
        UPDATE change_requests
           SET state = $2, decided_at = $3, decided_by = $4, message = $5, version = version + 1
         WHERE id = $1
        """,
        request_id,
        state,
        at,
        by,
        message,
    )


def _request(row: Record) -> ChangeRequest:
    kept = orjson.loads(row["application"])
    return ChangeRequest(
        id=row["id"],
        organisation_id=row["organisation_id"],
        state=row["state"],
        wanted_on=row["wanted_on"],
        reason=row["reason"],
        form=RegistrationForm.model_validate(kept["form"]),
        application=application_from(orjson.dumps(kept["application"])),
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        message=row["message"],
        version=row["version"],
    )
