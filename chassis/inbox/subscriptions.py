"""What a service listens to, and what it does about each fact."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from chassis.database import Connection
from contracts.event import Fact, facts_of

Handler = Callable[[Connection, Any], Awaitable[None]]
BatchHandler = Callable[[Connection, Sequence[Any]], Awaitable[None]]


class Subscriptions:
    """The facts a service acts on. It hears the whole kind of each, so that no revision is missing.

    ``handlers`` take one fact, ``batch`` handlers many at once where it is hot. Facts of a heard kind without a
    handler are known all the same and change nothing but the count.
    """

    def __init__(
        self,
        handlers: Mapping[type[Any], Handler] | None = None,
        batch: Mapping[type[Any], BatchHandler] | None = None,
    ) -> None:
        self.handlers: dict[str, Handler] = {f.type: act for f, act in (handlers or {}).items()}
        self.batch: dict[str, BatchHandler] = {f.type: act for f, act in (batch or {}).items()}
        named = [*(handlers or {}), *(batch or {})]
        if twice := self.handlers.keys() & self.batch.keys():
            raise ValueError(f"two handlers for {', '.join(sorted(twice))}")
        #: The kinds of subject it listens to, sorted.
        self.kinds: tuple[str, ...] = tuple(sorted({f.kind() for f in named}))
        #: Every fact of those kinds that this code can read, by type.
        self.known: dict[str, type[Fact]] = {
            type_: fact
            for module in {f.__module__ for f in named}
            for type_, fact in facts_of(sys.modules[module]).items()
            if fact.kind() in self.kinds
        }
        self._newest = _newest(self.known)

    @property
    def speakers(self) -> tuple[str, ...]:
        """The services it listens to."""
        return tuple(sorted({kind.partition(".")[0] for kind in self.kinds}))

    def holds(self, type_: str) -> bool:
        """Whether ``type_`` is a known fact in a newer version than this code can read.

        A fact nobody here has heard of is not held: no code that is running could be waiting for it.
        """
        name, _, version = type_.rpartition(".v")
        return int(version) > self._newest.get(name, int(version))


def _newest(types: Mapping[str, object]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for type_ in types:
        name, _, version = type_.rpartition(".v")
        newest[name] = max(newest.get(name, 0), int(version))
    return newest
