"""A large body on its way to a service: passed on piece by piece as it comes, and no faster than it is taken."""

from collections.abc import AsyncIterator, Awaitable, Callable

from gateway.edge.problems import Problem

#: Writes a piece once there is room for it; whether anybody still wants the next.
Take = Callable[[bytes], Awaitable[bool]]
#: Ends the request with a problem.
Refuse = Callable[[Problem], None]


class Feed:
    """The body of one request; poured once, so such a request is never sent a second time."""

    __slots__ = ("_pieces", "done")

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        #: Whether all of it was handed over.
        self.done = False

    async def pour(self, take: Take, refuse: Refuse) -> None:
        """Hand over every piece; what is wrong with the body ends the request."""
        try:
            async for piece in self._pieces:
                if not await take(piece):
                    return
        except Problem as why:
            refuse(why)
        else:
            self.done = True
