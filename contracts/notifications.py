"""What notifications says: how letters fared."""

from typing import ClassVar
from uuid import UUID

from contracts.event import Fact


class LetterFact(Fact):
    """A fact about one letter; ``about`` is the subject of the fact that caused it (``account/…``)."""

    letter_id: UUID
    about: str
    template: str


class LetterSent(LetterFact):
    """The mail server took the letter."""

    type: ClassVar[str] = "notifications.letter.sent.v1"


class LetterBounced(LetterFact):
    """The letter could not be delivered, for good."""

    type: ClassVar[str] = "notifications.letter.bounced.v1"
    reason: str
