"""What the secretariat sees of all accounts."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.web import Body, Query
from contracts.values import OrganisationKind
from services.identity.api.views.members import AccountState, MemberView


class AccountsQuery(Query):
    """Which accounts to list."""

    state: AccountState | None = None
    kind: Literal["municipality", "provider", "secretariat"] | None = None
    #: Part of the name, or the beginning of the code or of a sign-in id.
    q: Annotated[str, StringConstraints(max_length=100)] | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class AccountView(BaseModel):
    """An account of an organisation, or a request for one."""

    account_id: UUID
    revision: int
    organisation_kind: OrganisationKind
    organisation_code: str
    organisation_name: str
    state: AccountState
    registration: str
    members: int
    created_at: datetime
    mail_sent_at: datetime | None
    mail_bounced_at: datetime | None
    issued_at: datetime | None
    promote_on: date | None
    promoted_at: datetime | None
    activated_at: datetime | None
    closed_at: datetime | None


class AccountsView(BaseModel):
    """Accounts in the order of their making, newest first; how many there are in each state."""

    items: list[AccountView]
    next: str | None = None
    total: int
    counts: dict[str, int]


class RequesterView(BaseModel):
    """Who asked for the account."""

    department: str
    contact_name: str
    contact_kana: str
    email: str
    phone: str
    guideline_version: str
    requested_at: datetime


class AccountDetailView(AccountView):
    """One account with its people."""

    close_reason: str | None
    requester: RequesterView | None
    people: list[MemberView]
    #: Until when the last mailed link of the request works.
    link_expires_at: datetime | None


class CloseBody(Body):
    """Why the account is closed; the organisation may read it."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ProvisionalQuery(Query):
    """Which provisional accounts to list."""

    #: ``waiting`` for their day, or already ``promoted``.
    state: Literal["waiting", "promoted"] | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class ProvisionalView(BaseModel):
    """An account that was imported as a provisional one (仮アカウント)."""

    account_id: UUID
    organisation_code: str
    organisation_name: str
    state: AccountState
    sign_in_prefix: str
    promote_on: date
    promoted_at: datetime | None
    activated_at: datetime | None
    mail_bounced_at: datetime | None


class ProvisionalsView(BaseModel):
    """Imported accounts by code, and how many wait and how many were promoted."""

    items: list[ProvisionalView]
    next: str | None = None
    waiting: int
    promoted: int


class ImportQuery(Query):
    """How to import."""

    #: Only say what would happen.
    dry_run: bool = False
    #: The day (in Japan) from which the imported accounts are full ones; the operator's setting by default.
    promote_on: date | None = None


class RowErrorView(BaseModel):
    """What to mend in one cell; ``row`` counts as spreadsheets do, with the headings as row 1."""

    row: int
    column: str
    code: str
    detail: str


class ImportView(BaseModel):
    """What an import did, or would do. With errors it did nothing at all."""

    dry_run: bool
    rows: int
    imported: int
    promote_on: date
    errors: list[RowErrorView]
    #: The first rows as they were read, for the eye.
    preview: list[dict[str, str]]
