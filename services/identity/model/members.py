"""Members: the people of an organisation and what they may do in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid
from contracts.principal import Role
from contracts.values import OrganisationKind

_OFFICE = (Role.ADMIN, Role.EDITOR, Role.VIEWER, Role.REVIEWER, Role.APPROVER)
#: Which roles an organisation may give its members, in the order they are shown.
ASSIGNABLE: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.MUNICIPALITY: _OFFICE,
    OrganisationKind.PROVIDER: (
        Role.ADMIN,
        Role.EDITOR,
        Role.VIEWER,
        Role.TECHNICAL,
        Role.OPERATOR,
    ),
    OrganisationKind.SECRETARIAT: (*_OFFICE, Role.OPERATOR),
}


class MemberState(StrEnum):
    """Whether a person belongs to the organisation."""

    INVITED = "invited"
    JOINED = "joined"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an organisation, with an own sign-in id (アカウントID)."""

    id: UUID
    account_id: UUID
    sign_in_id: str
    name: str
    email: str
    roles: frozenset[Role]
    state: MemberState
    invited_at: datetime
    password_hash: str | None = None
    password_set_at: datetime | None = None
    totp: str | None = None
    totp_pending: str | None = None
    totp_set_at: datetime | None = None
    totp_step: int = 0
    joined_at: datetime | None = None
    removed_at: datetime | None = None
    last_signed_in_at: datetime | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the person looks after the others."""
        return Role.ADMIN in self.roles

    def with_password(self, password_hash: str, at: datetime) -> "Member":
        """This person with a new password; somebody invited has joined by it."""
        return replace(
            self,
            state=MemberState.JOINED,
            password_hash=password_hash,
            password_set_at=at,
            joined_at=self.joined_at or at,
        )

    def with_roles(self, roles: frozenset[Role]) -> "Member":
        """This person with other roles."""
        self._still_here()
        return replace(self, roles=roles)

    def removed(self, at: datetime) -> "Member":
        """This person, gone from the organisation; the password goes too."""
        self._still_here()
        return replace(
            self,
            state=MemberState.REMOVED,
            removed_at=at,
            password_hash=None,
            totp=None,
            totp_pending=None,
            totp_set_at=None,
        )

    def without_factor(self) -> "Member":
        """This person with the second factor taken off, to set up a new one."""
        self._still_here()
        if self.totp is None:
            raise Conflict("no-second-factor", "この方は2段階認証をまだ設定していません。")
        return replace(self, totp=None, totp_pending=None, totp_set_at=None)

    def _still_here(self) -> None:
        if self.state is MemberState.REMOVED:
            raise Conflict("member-removed", "この方はすでに団体から外れています。")


def needs_factor(kind: OrganisationKind, roles: Iterable[Role]) -> bool:
    """Whether these roles ask for a second factor (DESIGN 5)."""
    held = frozenset(roles)
    return (
        kind is OrganisationKind.SECRETARIAT
        or Role.APPROVER in held
        or (kind is OrganisationKind.PROVIDER and Role.OPERATOR in held)
    )


def checked_roles(kind: OrganisationKind, roles: Iterable[Role]) -> frozenset[Role]:
    """``roles`` if such an organisation may give them."""
    wanted = frozenset(roles)
    if wanted and wanted <= frozenset(ASSIGNABLE[kind]):
        return wanted
    raise Invalid(
        "roles-not-assignable",
        "この団体では選べない役割が入っています。",
        errors=[
            FieldError("roles", "roles_not_assignable", "表にある役割の中から選んでください。")
        ],
    )


def check_admin_remains(members: Iterable[Member], changed: Member) -> None:
    """Refuse a change after which nobody could look after the organisation."""
    after = [changed if m.id == changed.id else m for m in members]
    joined = [m for m in after if m.is_admin and m.state is MemberState.JOINED]
    if not joined:
        raise Conflict(
            "last-admin",
            "管理者がいなくなります。先にほかの方を管理者にして、その方がログインしてから変更してください。",
        )
