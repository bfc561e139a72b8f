"""Public answers in memory, each as the bytes to send, until a fact makes them untrue.

Four nets under each other: a fact of the kinds an answer depends on drops it; while nobody listens nothing is
kept; no answer outlives its route's ``kept_seconds`` or the day in Japan it was made on; and an answer asked for
before a fact arrived is never kept after it (the epoch it was asked in is over).
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

from gateway.edge.headers import PUBLIC, start_of
from gateway.edge.moment import Moment
from gateway.edge.problems import Answer
from gateway.edge.routes import Route

_MOST_BYTES = 32 * 1024 * 1024
_MOST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One public answer, ready to be sent."""

    etag: bytes
    kind: bytes
    #: Heads up to the value of ``X-Request-Id``.
    start: bytes
    start_304: bytes
    body: bytes
    kinds: tuple[str, ...]
    until: float
    day: int

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        return len(self.body) + len(self.start) + len(self.start_304) + 512


#: When an answer was asked for, as far as facts are concerned.
Epoch = tuple[int, ...]


def kept_of(answer: Answer, kinds: tuple[str, ...], until: float, day: int) -> Kept:
    """``answer`` made ready; a service that gave no ETag gets one made from the bytes."""
    etag = answer.header(b"etag")
    if etag is None:
        etag = b'"%b"' % blake2b(answer.body, digest_size=12).hexdigest().encode()
        answer = Answer(answer.status, (*answer.headers, (b"etag", etag)), answer.body)
    unchanged = Answer(304, ((b"etag", etag),))
    return Kept(
        etag,
        answer.header(b"content-type") or b"application/octet-stream",
        start_of(answer, PUBLIC),
        start_of(unchanged, PUBLIC),
        answer.body,
        kinds,
        until,
        day,
    )


class Cache:
    """What one worker keeps."""

    def __init__(self, moment: Moment) -> None:
        #: Whether facts arrive; set by the ear. Nothing is kept or told while they do not.
        self.hearing = False
        self.drops = 0
        self.bytes = 0
        self._moment = moment
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        #: How often each kind was heard of; the last number counts deafness.
        self._heard: dict[str, int] = {}
        self._deaf = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, target: bytes, at: float) -> Kept | None:
        """The answer to ``target``, if it still holds."""
        kept = self._kept.get(target)
        if kept is None or not self.hearing:
            return None
        if at >= kept.until or kept.day != self._moment.day:
            self._forget(target)
            return None
        self._kept.move_to_end(target)
        return kept

    def epoch(self, route: Route) -> Epoch:
        """What has been heard up to now of what ``route`` depends on."""
        heard = self._heard
        return (self._deaf, self._moment.day, *(heard.get(kind, 0) for kind in route.kept or ()))

    def keep(self, target: bytes, route: Route, epoch: Epoch, answer: Answer, at: float) -> Kept:
        """The answer ready to be sent; kept only if nothing was heard since it was asked for."""
        kept = kept_of(answer, route.kept or (), at + route.kept_seconds, self._moment.day)
        size = kept.size
        if self.hearing and size <= _MOST_ANSWER and epoch == self.epoch(route):
            self._forget(target)
            self._kept[target] = kept
            self.bytes += size
            while self.bytes > _MOST_BYTES:
                self._forget(next(iter(self._kept)))
        return kept

    def heard(self, kind: str) -> None:
        """A fact of ``kind`` was said: what depends on it is untrue, and so is what is being asked for."""
        self._heard[kind] = self._heard.get(kind, 0) + 1
        for target in [t for t, kept in self._kept.items() if kind in kept.kinds]:
            self._forget(target)
            self.drops += 1

    def deaf(self) -> None:
        """Nobody tells us anything any more; nothing is believed."""
        self.hearing = False
        self._deaf += 1
        self.drops += len(self._kept)
        self._kept.clear()
        self.bytes = 0

    def listening(self) -> None:
        """Facts arrive from now on."""
        self._deaf += 1
        self.hearing = True

    def _forget(self, target: bytes) -> None:
        kept = self._kept.pop(target, None)
        if kept is not None:
            self.bytes -= kept.size


def same(if_none_match: bytes, etag: bytes) -> bool:
    """Whether the asker has the answer already (weak comparison, RFC 9110 13.1.2)."""
    if if_none_match == etag:
        return True
    bare = etag.removeprefix(b"W/")
    tags = (tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
    return if_none_match.strip() == b"*" or any(tag == bare for tag in tags)
