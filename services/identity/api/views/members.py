"""What members see of themselves, of each other, and of their machine clients."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.web import Body
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.api.views.public import Line, Password

Code = Annotated[str, StringConstraints(min_length=6, max_length=24)]
AccountState = Literal[
    "requested", "mail_bounced", "expired", "provisional", "issued", "active", "closed"
]


class OrganisationView(BaseModel):
    """The organisation a member belongs to."""

    organisation_id: UUID
    organisation_kind: OrganisationKind
    organisation_code: str
    organisation_name: str
    #: ``provisional`` is a 仮アカウント; ``issued`` and ``active`` are full ones (本アカウント).
    account_state: AccountState
    #: How the registry says the registration stands; ``none`` before it was handed in.
    registration: str


class MeView(BaseModel):
    """The member who is signed in."""

    member_id: UUID
    name: str
    email: str
    sign_in_id: str
    roles: list[Role]
    organisation: OrganisationView
    #: Whether a second factor is set, and whether the member's roles ask for one.
    second_factor: bool
    second_factor_required: bool
    recovery_codes_left: int
    password_set_at: datetime | None
    #: ``promoted``: the provisional account became a full one since the last sign-in.
    notice: str | None = None


class ChangePasswordBody(Body):
    """The old password and the new one."""

    current_password: Password
    password: Password


class StartTotpBody(Body):
    """The password again, needed unless the session was opened only to set the factor up."""

    password: Password | None = None


class TotpView(BaseModel):
    """A new second factor, waiting for its first code; shown this once."""

    secret: str
    #: ``otpauth://`` address for the authenticator app.
    uri: str
    #: The same as a QR code.
    qr_svg: str


class ConfirmTotpBody(Body):
    """The first code of the new second factor."""

    code: Code


class RecoveryCodesView(BaseModel):
    """Codes that stand in for the second factor, each once; shown this once.

    A session that waited for its second factor is open now, under the new ``session`` value (for the gateway).
    """

    recovery_codes: list[str]


class SessionView(BaseModel):
    """One place where the member is signed in."""

    session_id: UUID
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    address: str
    user_agent: str
    #: Whether it is the session that asks.
    current: bool


class SessionsView(BaseModel):
    """Everywhere the member is signed in, newest first."""

    items: list[SessionView]


class InviteBody(Body):
    """Who is invited, and to do what."""

    name: Line
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=7, strict=False)]


class ChangeMemberBody(Body):
    """What a member may do from now on."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=7, strict=False)]


class MemberView(BaseModel):
    """A person of the organisation."""

    member_id: UUID
    sign_in_id: str
    name: str
    email: str
    roles: list[Role]
    state: Literal["invited", "joined", "removed"]
    second_factor: bool
    invited_at: datetime
    #: For somebody invited: until when the mailed link works; None when it is used or replaced.
    invitation_expires_at: datetime | None = None
    joined_at: datetime | None
    last_signed_in_at: datetime | None


class MembersView(BaseModel):
    """The people of the organisation, and which roles it may give them."""

    items: list[MemberView]
    assignable_roles: list[Role]


class CreateClientBody(Body):
    """A machine client to be made."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=10)]


class RotateClientBody(Body):
    """How long the old secret still works beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class SecretView(BaseModel):
    """A secret of a machine client, without the secret."""

    secret_id: UUID
    created_at: datetime
    expires_at: datetime | None


class ClientView(BaseModel):
    """A machine client of the organisation."""

    client_id: UUID
    name: str
    scopes: list[str]
    state: Literal["active", "revoked"]
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None
    secrets: list[SecretView]
    revision: int


class ClientsView(BaseModel):
    """The machine clients of the organisation, and which scopes they may have."""

    items: list[ClientView]
    assignable_scopes: list[str]


class ClientSecretView(BaseModel):
    """A new secret, shown this once."""

    client: ClientView
    client_secret: str
    #: Until when the secret before it still works.
    old_secret_until: datetime | None = None
