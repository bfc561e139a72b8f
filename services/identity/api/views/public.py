"""What goes in and out at the public doors: guidelines, requests, links, passwords, tokens."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from chassis.web import Body
from contracts.values import OrganisationKind

#: Half of an e-mail address is checked by mailing to it; this keeps out what no mail server takes.
Email = Annotated[
    str,
    StringConstraints(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$",
    ),
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Token = Annotated[
    str, StringConstraints(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")
]
#: Bounds a body only; the rules for new passwords are the model's.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
SignInId = Annotated[str, StringConstraints(min_length=1, max_length=64)]

LinkPurpose = Literal[
    "account_link", "first_password", "activation", "invitation", "password_reset"
]
LinkState = Literal["usable", "expired", "used", "replaced"]


class GuidelineView(BaseModel):
    """A registration guideline (登録要領) in the version to be read and accepted now."""

    organisation_kind: OrganisationKind
    version: str
    title: str
    updated_on: date


class GuidelinesView(BaseModel):
    """The guidelines of both kinds of organisations."""

    items: list[GuidelineView]


class AccountRequestBody(Body):
    """The form of step 3: who asks for an account, for which organisation."""

    organisation_kind: Literal["municipality", "provider"]
    organisation_name: Line
    #: 団体コード (6 digits) or 法人番号 (13 digits); full-width digits, spaces and hyphens are folded.
    organisation_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    department: Annotated[str, StringConstraints(max_length=100)] = ""
    contact_name: Line
    contact_kana: Line
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    phone: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    #: The ``version`` of ``GET /guidelines`` that was read and accepted.
    guideline_version: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class AskedView(BaseModel):
    """The answer that is the same whether or not anybody is known by that name: look into your mail."""

    detail: str


class TokenBody(Body):
    """The token of a mailed link."""

    token: Token


class LinkView(BaseModel):
    """What a mailed link is for. Looking at it changes nothing."""

    purpose: LinkPurpose
    state: LinkState
    organisation_name: str
    organisation_kind: OrganisationKind
    expires_at: datetime
    #: For links of a member.
    sign_in_id: str | None = None
    member_name: str | None = None
    roles: list[str] = []
    #: Whether POST /links/renew would mail a fresh link.
    renewable: bool


class ConfirmedView(BaseModel):
    """The account ID, given out; the token sets its password (``POST /passwords``)."""

    sign_in_id: str
    password_token: str
    organisation_name: str


class SetPasswordBody(Body):
    """The password a person chose, with the token of a link that may set it."""

    token: Token
    password: Password


class PasswordSetView(BaseModel):
    """Whose password was set."""

    sign_in_id: str


class PasswordResetBody(Body):
    """Who forgot the password."""

    sign_in_id: SignInId
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]


class AccessTokenView(BaseModel):
    """A token for a machine client, as RFC 6749 names it."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: Annotated[int, Field(ge=1)]
    scope: str
