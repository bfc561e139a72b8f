"""How many streams one caller may hold open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.refusal import TooMany


class Streams:
    """Counts open streams and waiting requests, by caller and in all."""

    def __init__(self, *, each: int, together: int) -> None:
        self._each, self._together = each, together
        self._open: Counter[str] = Counter()
        #: Set when the process stops: streams end, so that readers go on elsewhere.
        self.closing = False

    async def close(self, _: object) -> None:
        """End every stream soon."""
        self.closing = True

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """One more for ``caller`` while the block lasts; refused when there are enough."""
        # Those nobody knows by name share what there is.
        most = self._together if caller == "public" else self._each
        if self._open[caller] >= most or self._open.total() >= self._together:
            raise TooMany(
                "streams-too-many",
                "同時に開ける接続の数をこえました。使い終わった接続を閉じてから、もう一度お試しください。",
                retry_after=10,
            )
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
