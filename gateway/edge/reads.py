"""Public reads: from memory while that is true, else from the service, each question asked once at a time."""

import asyncio
from collections.abc import Callable, Mapping

from gateway.edge.cache import Cache, Epoch, Kept
from gateway.edge.counts import Counts
from gateway.edge.problems import Answer, Problem, broken_off
from gateway.edge.routes import Route
from gateway.edge.targets import Place
from gateway.edge.upstream import Service

Found = Kept | Answer | Problem
HearFound = Callable[[Found], None]
_PROBLEM = b"application/problem+json"


class Reads:
    """What everybody may read."""

    def __init__(self, services: Mapping[str, Service], cache: Cache, counts: Counts) -> None:
        self._services = services
        self._cache = cache
        self._counts = counts
        #: Who waits for a question already asked, and in which epoch that was.
        self._asked: dict[bytes, tuple[Epoch, list[HearFound]]] = {}

    def kept(self, place: Place, route: Route, at: float) -> Kept | None:
        """The answer to ``place``, if it is kept and still holds."""
        if route.kept is None:
            return None
        kept = self._cache.find(place.target, at)
        if kept is not None:
            self._counts.add("kept_hits")
        return kept

    def read(self, place: Place, route: Route, asking: bytes, hear: HearFound, at: float) -> None:
        """What the service says about ``place``; ``asking`` is the whole request for it."""
        if route.kept is None or not self._cache.hearing:
            self._ask(route, asking, lambda found: hear(self._ready(found, place, route)))
        else:
            self._ask_once(place, route, asking, hear, at)

    async def found(self, place: Place, route: Route, asking: bytes, at: float) -> Found:
        """The answer to ``place``, from memory or from the service."""
        kept = self.kept(place, route, at)
        if kept is not None:
            return kept
        answered: asyncio.Future[Found] = asyncio.get_running_loop().create_future()

        def hear(found: Found) -> None:
            if not answered.done():
                answered.set_result(found)

        self.read(place, route, asking, hear, at)
        return await answered

    def _ask_once(
        self, place: Place, route: Route, asking: bytes, hear: HearFound, at: float
    ) -> None:
        epoch = self._cache.epoch(route)
        waiting = self._asked.get(place.target)
        if waiting is not None and waiting[0] == epoch:
            waiting[1].append(hear)
            return
        mine = (epoch, [hear])
        self._asked[place.target] = mine

        def heard(answer: Answer | Problem) -> None:
            if self._asked.get(place.target) is mine:
                del self._asked[place.target]
            found: Found = answer
            if isinstance(answer, Answer) and answer.status == 200 and not _passing(answer):
                self._counts.add("kept_fills")
                found = self._cache.keep(place.target, route, epoch, answer, at)
            for each in mine[1]:
                each(found)

        self._ask(route, asking, heard)

    def _ready(self, found: Answer | Problem, place: Place, route: Route) -> Found:
        """What is not kept is made ready in the same way, so that it is answered with the same bytes."""
        if route.kept is None or isinstance(found, Problem) or found.status != 200:
            return found
        if _passing(found):
            return found
        return self._cache.keep(place.target, route, (), found, 0.0)

    def _ask(self, route: Route, asking: bytes, hear: Callable[[Answer | Problem], None]) -> None:
        def heard(answer: Answer | Problem) -> None:
            hear(sound(answer, self._counts))

        self._services[route.service].ask(asking, route.seconds, heard, repeatable=True)


def _passing(answer: Answer) -> bool:
    """Whether the service said that the answer will soon be untrue without a fact."""
    return (answer.header(b"cache-control") or b"").strip().lower() == b"no-store"


def sound(answer: Answer | Problem, counts: Counts) -> Answer | Problem:
    """What a service answered, fit to be passed on, and counted where it failed."""
    if isinstance(answer, Problem):
        if answer.status in _COUNTED:
            counts.add(_COUNTED[answer.status])
        return answer
    return passable(answer)


def passable(answer: Answer) -> Answer | Problem:
    """No redirect is passed on, and no error page of a library's own."""
    status = answer.status
    if status < 300 or status == 304:
        return answer
    if status < 400:
        return broken_off()
    kind = answer.header(b"content-type") or b""
    if kind.partition(b";")[0].strip().lower() == _PROBLEM:
        return answer
    if status >= 500:
        return broken_off()
    return Problem(status, "request-refused", "このリクエストは受け付けられません。")


_COUNTED = {502: "upstream_broken", 503: "upstream_unreachable", 504: "upstream_slow"}
