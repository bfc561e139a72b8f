"""The world outside: providers that are asked to grant. One port; the simulator speaks the same wire."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from services.benefits.model.answer import ProviderAnswer
from services.benefits.model.link import AccountAnswer


class Outside(Exception):
    """Something else than an answer came back."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer.replace("\x00", "\ufffd")


class NotSent(Outside):
    """The request certainly never left: no address, no connection."""


class Unclear(Outside):
    """Nobody knows whether the provider got it."""


class Odd(Outside):
    """What came back is unsigned, unreadable or about something else; nobody knows what was done."""


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """How a provider is reached and known."""

    provider_id: UUID
    url: str
    public_key: bytes
    visibility: timedelta


class Providers(Protocol):
    """What benefits asks of a provider; every call may raise an `Outside`."""

    async def check(self, line: ProviderLine, order_id: UUID, request: bytes) -> AccountAnswer:
        """Ask whether the account an order is to go to can receive, and whose it is; asking changes nothing there."""

    async def grant(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        """Ask to grant; the order's id makes asking again the same request."""

    async def inquire(self, line: ProviderLine, order_id: UUID) -> ProviderAnswer:
        """Ask what became of an order."""

    async def take_back(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        """Ask to take the points of an order back."""
