"""Machine clients of an organisation: made, rotated with overlap, revoked by its admin."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid
from contracts.values import OrganisationKind

#: What machine clients of an organisation may be allowed to do.
SCOPES: dict[OrganisationKind, tuple[str, ...]] = {
    OrganisationKind.MUNICIPALITY: ("registry:read", "notifications:read"),
    OrganisationKind.PROVIDER: ("registry:read", "notifications:read", "benefits:orders"),
    OrganisationKind.SECRETARIAT: ("registry:read",),
}
#: More would be forgotten, and forgotten clients are found by others.
MOST_CLIENTS = 20


class ClientState(StrEnum):
    """Whether a client may ask for tokens."""

    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Client:
    """A system of an organisation that asks by itself."""

    id: UUID
    revision: int
    account_id: UUID
    name: str
    scopes: frozenset[str]
    state: ClientState
    created_by: UUID
    created_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None

    def rotated(self, at: datetime) -> "Client":
        """This client with a new secret."""
        self._still_active()
        return replace(self, revision=self.revision + 1, rotated_at=at)

    def revoked(self, at: datetime) -> "Client":
        """This client, refused everywhere."""
        self._still_active()
        return replace(self, revision=self.revision + 1, state=ClientState.REVOKED, revoked_at=at)

    def _still_active(self) -> None:
        if self.state is not ClientState.ACTIVE:
            raise Conflict("client-revoked", "このクライアントはすでに使えなくなっています。")


def checked_scopes(kind: OrganisationKind, scopes: Iterable[str]) -> frozenset[str]:
    """``scopes`` if a client of such an organisation may have them."""
    wanted = frozenset(scopes)
    if wanted and wanted <= frozenset(SCOPES[kind]):
        return wanted
    raise Invalid(
        "scopes-not-assignable",
        "選べない利用範囲が入っています。",
        errors=[
            FieldError("scopes", "scopes_not_assignable", "表にある利用範囲から選んでください。")
        ],
    )


def new_secret() -> str:
    """256 bits of chance under a prefix that secret scanners find."""
    return "mcs_" + secrets.token_urlsafe(32)
