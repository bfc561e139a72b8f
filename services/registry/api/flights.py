"""Equal questions that wait together are looked up once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Shares one look at the database among all who asked the same *before it began*.

    Whoever comes later waits for the next look, so nobody is told what was true before they asked. Nothing is kept.
    """

    def __init__(self) -> None:
        self._boarding: dict[Hashable, asyncio.Task[T]] = {}
        self._flying: dict[Hashable, asyncio.Task[T]] = {}

    async def answer(self, question: Hashable, look: Callable[[], Awaitable[T]]) -> T:
        """What ``look`` finds, when it begins after this moment."""
        flight = self._boarding.get(question)
        if flight is None:
            before = self._flying.get(question)
            flight = asyncio.create_task(self._fly(question, look, before))
            self._boarding[question] = flight
        return await asyncio.shield(flight)

    async def _fly(
        self,
        question: Hashable,
        look: Callable[[], Awaitable[T]],
        before: asyncio.Task[T] | None,
    ) -> T:
        if before is not None:
            await asyncio.wait([before])
        flight = self._boarding.pop(question)
        self._flying[question] = flight
        try:
            return await look()
        finally:
            if self._flying.get(question) is flight:
                del self._flying[question]
