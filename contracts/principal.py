"""Who is asking."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.values import OrganisationKind


class Role(StrEnum):
    """What a member may do inside the own organisation."""

    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    TECHNICAL = "technical"
    OPERATOR = "operator"


class Principal(BaseModel):
    """Whom a verified token speaks for: a member, a resident, a machine client, or one of our own services."""

    model_config = ConfigDict(frozen=True)

    kind: str  # "member" | "resident" | "client" | "service"
    subject: str  # member id, resident id, client id, or the service's name
    organisation_id: UUID | None = None
    organisation_kind: OrganisationKind | None = None
    roles: frozenset[Role] = frozenset()
    #: Machine clients: what the organisation's admin allowed (``registry:read``).
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None
    #: How the person proved who they are: ``pwd``, ``otp``, ``card``.
    amr: tuple[str, ...] = ()
    #: A resident who acts at an assisted desk: the desk session of this one person.
    desk_id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}/{self.subject}"
