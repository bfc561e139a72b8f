"""What notifications says: how letters fared. And the words others need to have one written."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from contracts.event import Fact

#: The letters identity may ask for (``LetterContent.template``), each with the values it needs.
#: A fact whose letter lacks one is parked. ``expires_at`` is an instant in ISO 8601 with offset.
ACCOUNT_LETTERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "account_link": frozenset({"organisation_name", "link", "expires_at"}),
        "account_exists": frozenset({"organisation_name"}),
        "account_issued": frozenset({"organisation_name", "sign_in_id"}),
        "account_activation": frozenset({"organisation_name", "sign_in_id", "link", "expires_at"}),
        "invitation": frozenset({"organisation_name", "sign_in_id", "link", "expires_at"}),
        "welcome": frozenset({"organisation_name", "sign_in_id"}),
        "password_reset": frozenset({"organisation_name", "sign_in_id", "link", "expires_at"}),
        "password_changed": frozenset({"organisation_name", "sign_in_id"}),
        # ``change``: ``set``, ``removed`` or ``recovery_code_used``.
        "second_factor_changed": frozenset({"organisation_name", "sign_in_id", "change"}),
    }
)


class LetterFact(Fact):
    """A fact about one letter; ``about`` is the subject of the fact that caused it."""

    letter_id: UUID
    about: str
    template: str
    #: Which of the letter's mails this is about; one to an organisation goes to several members.
    delivery_id: UUID | None = None
    #: The member the mail was for, if it was for one.
    member_id: UUID | None = None


class LetterSent(LetterFact):
    """The mail server took the letter."""

    type: ClassVar[str] = "notifications.letter.sent.v1"


class LetterBounced(LetterFact):
    """The letter could not be delivered, for good."""

    type: ClassVar[str] = "notifications.letter.bounced.v1"
    #: ``refused`` (by the receiving server), ``address`` (no usable one), ``late`` (nobody took it
    #: in time), ``returned`` (it came back after it had been taken).
    reason: str
    #: The revision of the fact that caused it: tells an older link's bounce from a newer one's.
    about_revision: int | None = None
