"""A letter, for whom it is, and until when it is worth sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contracts.principal import Principal, Role

_NAMESPACE = UUID("5f0c2f5e-3a55-5b0e-9d3c-6c1f4f0f7a10")
#: A notice of a procedure is tried over a weekend, a link only while it is fresh.
_NOTICE_SENDING = timedelta(hours=72)
_LINK_SENDING = timedelta(hours=24)
#: Who is written to when an organisation is: those who can act on it.
ACTING = frozenset({Role.ADMIN, Role.EDITOR})
#: Who is written to at the secretariat when something waits for it.
DESK = frozenset({Role.ADMIN, Role.EDITOR, Role.REVIEWER, Role.APPROVER})


@dataclass(frozen=True, slots=True)
class Cause:
    """The fact that makes a letter: its subject, its revision, its instant."""

    about: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Box:
    """In whose letter box it lies: an organisation's, one member's, or nobody's yet."""

    organisation_id: UUID | None = None
    member_id: UUID | None = None

    def opens_for(self, principal: Principal) -> bool:
        """Whether this person reads this box."""
        if self.member_id is not None:
            return str(self.member_id) == principal.subject
        return self.organisation_id is not None and (
            self.organisation_id == principal.organisation_id
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who can be written to."""

    contact_id: UUID
    organisation_id: UUID
    roles: frozenset[Role]
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to somebody because of a fact."""

    letter_id: UUID
    cause: Cause
    box: Box
    template: str
    version: int
    language: str
    subject: str
    text: str
    by_mail: bool = True
    sealed: str | None = None
    link_until: datetime | None = None

    @property
    def send_by(self) -> datetime:
        """When sending it has no sense any more."""
        if self.link_until is None:
            return notice_send_by(self.cause.at)
        return min(self.cause.at + _LINK_SENDING, self.link_until)


def notice_send_by(written_at: datetime) -> datetime:
    """When sending a letter without a link has no sense any more."""
    return written_at + _NOTICE_SENDING


def whom_to_write(known: Sequence[Contact], roles: frozenset[Role]) -> list[Contact]:
    """Those with one of the roles; everybody where nobody has one, so that somebody hears."""
    return [contact for contact in known if contact.roles & roles] or list(known)


def letter_id_of(cause: Cause, template: str, box: Box) -> UUID:
    """The id of a letter: the same fact makes the same letter, however often it is told."""
    return uuid5(
        _NAMESPACE,
        f"{cause.about}/{cause.revision}/{template}/{box.organisation_id}/{box.member_id}",
    )


def delivery_id_of(letter_id: UUID, contact_id: UUID | None) -> UUID:
    """The id of one mail of a letter; its Message-ID stands on it."""
    return uuid5(letter_id, str(contact_id))
