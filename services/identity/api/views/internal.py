"""What the gateway sends and gets."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chassis.web import Body
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.api.views.cards import Encoded
from services.identity.api.views.public import Password, SignInId
from services.identity.model.residents import EndReason

SessionValue = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class OpenSessionBody(Body):
    """Who wants to sign in, and from where."""

    sign_in_id: SignInId
    password: Password
    address: Annotated[str, StringConstraints(max_length=64)]
    user_agent: Annotated[str, StringConstraints(max_length=1000)] = ""
    #: What this browser was given at an earlier sign-in (``device`` of the answer), if it kept it.
    device: Annotated[str, StringConstraints(max_length=100)] | None = None


class OpenedView(BaseModel):
    """A session; with ``second_factor`` it waits for a code, with ``second_factor_setup`` for a new factor."""

    session: str
    state: Literal["open", "second_factor", "second_factor_setup"]
    expires_at: datetime
    #: Kept by the browser for long, so that strangers' tries never slow its owner down. Not a credential.
    device: str | None = None


class SecondFactorBody(Body):
    """The code of the authenticator app, or a recovery code."""

    session: SessionValue
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    address: Annotated[str, StringConstraints(max_length=64)] = ""


class SessionBody(Body):
    """The value of the browser's cookie, and why it is handed in."""

    session: SessionValue
    #: Of a desk session that ends: what ended it.
    reason: EndReason | None = Field(default=None, strict=False)


class VisitorView(BaseModel):
    """The member behind a session, for the head of each page."""

    member_id: UUID
    name: str
    sign_in_id: str
    organisation_id: UUID
    organisation_kind: OrganisationKind
    organisation_name: str
    roles: list[Role]
    #: ``second_factor_setup`` may do nothing but set the factor up.
    state: Literal["open", "second_factor_setup"]
    account_state: str
    registration: str
    session_id: UUID
    #: Said once per session: ``promoted``.
    notice: str | None = None


class ResidentView(BaseModel):
    """The resident behind a session, for the head of each page; at a desk the name is masked."""

    kind: Literal["resident"] = "resident"
    resident_id: UUID
    #: Empty until a signing certificate was read.
    name: str
    birth_year: int | None
    session_id: UUID
    state: Literal["open"] = "open"
    desk_id: UUID | None = None
    terminal: str = ""


class CardSessionBody(Body):
    """What a card answered to a challenge for signing in."""

    challenge_id: Annotated[UUID, Field(strict=False)]
    certificate: Encoded
    signature: Encoded


class DeskSessionBody(CardSessionBody):
    """The card of the next person at a desk, beside the session of staff."""

    staff_session: SessionValue
    terminal: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class CardOpenedView(BaseModel):
    """A session of a resident."""

    session: str
    state: Literal["open"] = "open"
    expires_at: datetime


class ExchangedView(BaseModel):
    """A token that speaks for the member or the resident until ``expires_at``."""

    token: str
    expires_at: datetime
    #: When the session ends if nobody does anything, and in any case.
    idle_until: datetime
    ends_at: datetime
    me: VisitorView | ResidentView
