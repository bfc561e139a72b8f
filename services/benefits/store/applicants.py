"""The people applications are for, and what was claimed for them."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.eligibility import Claim, OnList


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person an application is for, as the card said."""

    name: str
    name_kana: str
    birth_on: date
    sex: str | None
    municipality_code: str
    address: str


def claimed(claim: Claim) -> str:
    """What is kept of a claim beside the card."""
    said = {
        "target": asdict(claim.target) if claim.target else None,
        "children": claim.children,
        "statements": sorted(claim.statements),
    }
    return json.dumps(said)


async def claim(
    conn: Connection, application_id: UUID, *, evidence: frozenset[str], attended: bool
) -> Claim:
    """What was claimed on the day of the application, with what came to it since."""
    row = await conn.fetchrow(
        "SELECT municipality_code, birth_on, claim FROM applicants WHERE application_id = $1",
        application_id,
    )
    assert row is not None
    said = json.loads(row["claim"] or "{}")
    return Claim(
        municipality_code=row["municipality_code"],
        birth_on=row["birth_on"],
        target=OnList(**said["target"]) if said.get("target") else None,
        children=said.get("children"),
        attended=attended,
        evidence=evidence,
        statements=frozenset(said.get("statements", ())),
    )


async def applicant(conn: Connection, application_id: UUID) -> Applicant:
    """The person an application is for."""
    row = await conn.fetchrow(
        "SELECT name, name_kana, birth_on, sex, municipality_code, address FROM applicants"
        " WHERE application_id = $1",
        application_id,
    )
    assert row is not None
    return Applicant(**dict(row))


async def readings_of(conn: Connection, resident_ids: Collection[UUID]) -> dict[UUID, str]:
    """How names of residents are read, as their cards said last; of who applied for others alone none is known."""
    if not resident_ids:
        return {}
    rows = await conn.fetch(
        """
        SELECT DISTINCT ON (a.resident_id) a.resident_id, p.name_kana
          FROM applications a JOIN applicants p ON p.application_id = a.id
         WHERE a.resident_id = ANY ($1::uuid[]) AND a.person_id = a.resident_id AND p.name_kana <> ''
         ORDER BY a.resident_id, a.submitted_at DESC, a.id DESC
        """,
        list(resident_ids),
    )
    return {row["resident_id"]: row["name_kana"] for row in rows}
