"""What is counted: one row of numbers per worker in memory they all share, so that each can tell the sum.

A worker that is started again goes on with the row of the one that died: nothing counted is lost.
"""

import mmap
from bisect import bisect_left
from collections.abc import Iterator

from gateway.edge.routes import ROUTES, Route

_BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
_STATUSES = 6
_PAGES = ("pages", "assets", "gateway")
_TRACK = _STATUSES + len(_BOUNDS_MS) + 2
#: Counters beside those of requests, and gauges (set, and summed over the workers as well).
COUNTERS = (
    "kept_hits",
    "kept_fills",
    "kept_drops",
    "fast",
    "rate_refused",
    "exchanges",
    "facts_heard",
    "upstream_unreachable",
    "upstream_broken",
    "upstream_slow",
)
GAUGES = ("kept_answers", "kept_bytes", "hearing", "connections", "sessions")
_EXTRA = {name: at for at, name in enumerate((*COUNTERS, *GAUGES))}


def _names() -> Iterator[tuple[str, str]]:
    for route in ROUTES:
        yield route.prefix, route.service
    for name in _PAGES:
        yield name, "gateway"


_TRACKS = tuple(_names())
_WIDTH = len(_TRACKS) * _TRACK + len(_EXTRA)


class Counts:
    """The row of one worker, and the sum of all."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._all = memoryview(mmap.mmap(-1, workers * _WIDTH * 8)).cast("Q")
        self._row = self._all[:_WIDTH]

    def be(self, worker: int) -> None:
        """Count in the row of ``worker`` from now on; gauges start at nothing."""
        self._row = self._all[worker * _WIDTH : (worker + 1) * _WIDTH]
        for name in GAUGES:
            self.set(name, 0)

    def request(self, track: int, status: int, milliseconds: int) -> None:
        """One request answered."""
        row = self._row
        row[track + status // 100] += 1
        row[track + _STATUSES + bisect_left(_BOUNDS_MS, milliseconds)] += 1
        row[track + _TRACK - 1] += milliseconds

    def add(self, name: str, more: int = 1) -> None:
        """Count something that is no request."""
        self._row[_WIDTH - len(_EXTRA) + _EXTRA[name]] += more

    def set(self, name: str, value: int) -> None:
        """Say how much there is of something."""
        self._row[_WIDTH - len(_EXTRA) + _EXTRA[name]] = value

    def total(self, at: int) -> int:
        """The sum over all workers."""
        return sum(self._all[worker * _WIDTH + at] for worker in range(self.workers))

    def value(self, name: str) -> int:
        """The sum of one counter or gauge."""
        return self.total(_WIDTH - len(_EXTRA) + _EXTRA[name])

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return "\n".join([*self._requests(), *self._extras(), ""]).encode()

    def _requests(self) -> Iterator[str]:
        yield "# TYPE machipo_gateway_requests_total counter"
        for n, (prefix, service) in enumerate(_TRACKS):
            for status in range(1, _STATUSES):
                count = self.total(n * _TRACK + status)
                if count:
                    labels = f'route="{prefix}",service="{service}",status="{status}xx"'
                    yield f"machipo_gateway_requests_total{{{labels}}} {count}"
        yield "# TYPE machipo_gateway_request_seconds histogram"
        for n, (prefix, _) in enumerate(_TRACKS):
            yield from self._histogram(n * _TRACK + _STATUSES, f'route="{prefix}"')

    def _histogram(self, at: int, label: str) -> Iterator[str]:
        name, count = "machipo_gateway_request_seconds", 0
        counts = [self.total(at + n) for n in range(len(_BOUNDS_MS) + 1)]
        if not any(counts):
            return
        for bound, more in zip(_BOUNDS_MS, counts, strict=False):
            count += more
            yield f'{name}_bucket{{{label},le="{bound / 1000}"}} {count}'
        yield f'{name}_bucket{{{label},le="+Inf"}} {sum(counts)}'
        yield f"{name}_count{{{label}}} {sum(counts)}"
        yield f"{name}_sum{{{label}}} {self.total(at + len(_BOUNDS_MS) + 1) / 1000}"

    def _extras(self) -> Iterator[str]:
        for name in COUNTERS:
            yield f"# TYPE machipo_gateway_{name}_total counter"
            yield f"machipo_gateway_{name}_total {self.value(name)}"
        for name in GAUGES:
            yield f"# TYPE machipo_gateway_{name} gauge"
            yield f"machipo_gateway_{name} {self.value(name)}"


_BY_ROUTE = {route: n * _TRACK for n, route in enumerate(ROUTES)}
PAGES, ASSETS, GATEWAY = ((len(ROUTES) + n) * _TRACK for n in range(len(_PAGES)))


def track_of(route: Route | None) -> int:
    """Where requests of ``route`` are counted."""
    return GATEWAY if route is None else _BY_ROUTE[route]
