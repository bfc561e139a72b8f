"""The world outside: the service with which contracts are signed. One port, told apart by its settings."""

from datetime import datetime
from typing import Protocol

from services.registry.model.agreement import Signer
from services.registry.model.signing import Document


class Outside(Exception):
    """Something else than the answer that was hoped for came back."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        #: As it came, but for what a database cannot hold.
        self.answer = answer.replace("\x00", "\ufffd")


class Refused(Outside):
    """It said no, and did nothing."""


class AwayNow(Outside):
    """It is closed or cannot be reached; it did nothing, as far as anybody can know."""

    def __init__(self, answer: str, until: datetime | None = None) -> None:
        super().__init__(answer)
        self.until = until


class Unclear(Outside):
    """Nobody knows whether it did what was asked."""


class Nonsense(Outside):
    """What it said cannot be read, or cannot be true."""


class SigningService(Protocol):
    """What the registry asks of a signing service; every call may raise an `Outside`."""

    async def find(self, reference: str) -> Document | None:
        """The first document in which our reference stands."""

    async def read(self, document_id: str) -> Document:
        """A document as it is now."""

    async def create(self, title: str, reference: str) -> str:
        """A new draft; its id."""

    async def attach(self, document_id: str, name: str, pdf: bytes) -> None:
        """Put the PDF into a draft."""

    async def add_signer(self, document_id: str, signer: Signer) -> None:
        """Name the next signer of a draft."""

    async def send_or_remind(self, document_id: str) -> None:
        """Send a draft; one that was sent is reminded of."""

    async def cancel(self, document_id: str) -> None:
        """Take a sent document back."""

    async def certificate(self, document_id: str) -> bytes:
        """The certificate of a concluded document."""
