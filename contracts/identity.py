"""What identity says: accounts of organisations, sessions, machine clients, residents.

Facts carry ids. Where a letter must be written to somebody the reader does not know yet, the address and
the link travel *sealed* for notifications alone (docs/decisions/0006).
"""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.event import Fact
from contracts.principal import Role
from contracts.values import OrganisationKind, Sealed


class LetterContent(BaseModel):
    """What lies inside ``letter``: opened by notifications only, never stored unsealed elsewhere."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    to_address: str
    to_name: str
    #: Which template: ``account_link``, ``account_issued``, ``invitation``, ``password_reset`` …
    template: str
    #: Values of the template: ``link``, ``expires_at``, ``sign_in_id`` …
    values: dict[str, str] = {}


class AccountFact(Fact):
    """A fact about one organisation's account (アカウント); ``account_id`` is also its organisation id."""

    account_id: UUID


class AccountRequested(AccountFact):
    """Somebody asked for a full account (本アカウント発行申請); the link to prove the address is to be mailed."""

    type: ClassVar[str] = "identity.account.requested.v1"
    organisation_kind: OrganisationKind
    letter: Sealed


class AccountLinkRenewed(AccountFact):
    """A new link replaces the one mailed before, which is dead from now on."""

    type: ClassVar[str] = "identity.account.link_renewed.v1"
    letter: Sealed


class AccountRequestExpired(AccountFact):
    """Nobody opened the link in time; the request is over."""

    type: ClassVar[str] = "identity.account.request_expired.v1"


class AccountMailBounced(AccountFact):
    """The link's letter could not be delivered."""

    type: ClassVar[str] = "identity.account.mail_bounced.v1"


class AccountImported(AccountFact):
    """The secretariat brought in a provisional account (仮アカウント)."""

    type: ClassVar[str] = "identity.account.imported.v1"
    organisation_kind: OrganisationKind
    organisation_code: str
    organisation_name: str
    #: The person the letter is for, the organisation's first member.
    member_id: UUID | None = None
    letter: Sealed


class AccountIssued(AccountFact):
    """The address was proven and the account ID given out; the account is a full one (本アカウント)."""

    type: ClassVar[str] = "identity.account.issued.v1"
    organisation_kind: OrganisationKind
    #: Municipality code or corporate number, as the requester gave it.
    organisation_code: str
    organisation_name: str
    member_id: UUID
    letter: Sealed


class AccountPromoted(AccountFact):
    """A provisional account became a full one by itself, with nobody acting."""

    type: ClassVar[str] = "identity.account.promoted.v1"
    organisation_kind: OrganisationKind
    organisation_code: str
    organisation_name: str


class AccountActivated(AccountFact):
    """A member of the account signed in for the first time."""

    type: ClassVar[str] = "identity.account.activated.v1"


class AccountClosed(AccountFact):
    """The account was closed; nobody signs in with it any more."""

    type: ClassVar[str] = "identity.account.closed.v1"
    reason: str


class MemberInvited(AccountFact):
    """A person was invited into the organisation; the link is to be mailed."""

    type: ClassVar[str] = "identity.account.member_invited.v1"
    member_id: UUID
    roles: frozenset[Role]
    letter: Sealed


class MemberJoined(AccountFact):
    """An invited person set a password and belongs to the organisation now."""

    type: ClassVar[str] = "identity.account.member_joined.v1"
    member_id: UUID
    roles: frozenset[Role]
    #: How to write to this member (``LetterContent`` with template ``welcome``).
    letter: Sealed


class MemberChanged(AccountFact):
    """A member's roles are different from now on."""

    type: ClassVar[str] = "identity.account.member_changed.v1"
    member_id: UUID
    roles: frozenset[Role]


class MemberRemoved(AccountFact):
    """A member belongs to the organisation no longer; all sessions of theirs have ended."""

    type: ClassVar[str] = "identity.account.member_removed.v1"
    member_id: UUID


class PasswordResetRequested(AccountFact):
    """A member asked for a new password; the link is to be mailed."""

    type: ClassVar[str] = "identity.account.password_reset_requested.v1"
    member_id: UUID
    letter: Sealed


class PasswordChanged(AccountFact):
    """A member has a new password; all older sessions have ended. The member is told by letter."""

    type: ClassVar[str] = "identity.account.password_changed.v1"
    member_id: UUID
    letter: Sealed


class SecondFactorChanged(AccountFact):
    """A member's second factor was set, taken off or stood in for by a recovery code. The member is told by letter."""

    type: ClassVar[str] = "identity.account.second_factor_changed.v1"
    member_id: UUID
    #: ``set``, ``removed`` or ``recovery_code_used``.
    change: str
    letter: Sealed


class AccountAskedAgain(AccountFact):
    """Somebody who belongs to the account already asked for one; only the letter says so."""

    type: ClassVar[str] = "identity.account.asked_again.v1"
    letter: Sealed


class SessionEnded(Fact):
    """A session is over, by sign-out, time, or because rights changed. Refused everywhere from now on."""

    type: ClassVar[str] = "identity.session.ended.v1"
    session_id: UUID
    reason: str


class ClientCreated(Fact):
    """An organisation made a machine client for its systems."""

    type: ClassVar[str] = "identity.client.created.v1"
    client_id: UUID
    account_id: UUID
    scopes: frozenset[str]


class ClientRotated(Fact):
    """A machine client has a new secret; the old one works until the overlap ends."""

    type: ClassVar[str] = "identity.client.rotated.v1"
    client_id: UUID


class ClientRevoked(Fact):
    """A machine client may ask for nothing any more. Refused everywhere from now on."""

    type: ClassVar[str] = "identity.client.revoked.v1"
    client_id: UUID


class ResidentFact(Fact):
    """A fact about one resident (住民); who it is stays inside identity."""

    resident_id: UUID


class ResidentRegistered(ResidentFact):
    """A card was read that belongs to nobody known yet."""

    type: ClassVar[str] = "identity.resident.registered.v1"


class ResidentRenewed(ResidentFact):
    """The person has another card or certificate, and stays the same resident."""

    type: ClassVar[str] = "identity.resident.renewed.v1"


class ResidentClosed(ResidentFact):
    """The resident acts no more: moved abroad, died, or was found to be another one's double."""

    type: ClassVar[str] = "identity.resident.closed.v1"
    #: ``moved``, ``died`` or ``double``.
    reason: str
