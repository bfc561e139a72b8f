"""The two ways out of this copy: which one a mail takes, and what was seen of each."""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

import structlog
from prometheus_client import Gauge

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from services.notifications.model.delivery import Outcome
from services.notifications.model.lanes import Lanes
from services.notifications.model.routes import PROBE, Measured, Route, next_share, route_of
from services.notifications.outside import Post, Told
from services.notifications.store import routes

_log = structlog.get_logger()
_SHARE = Gauge("mail_secondary_percent", "How many of a hundred mails go by the second server.")
#: What counts for a decision, and how often one is made.
_LOOKED_AT = timedelta(minutes=5)
_DECIDED_EVERY = timedelta(seconds=30)
_KEPT = timedelta(days=7)
#: A server that has mails in hand and says nothing for so long hangs; an answer seldom takes a second.
_SILENT_SECONDS = 3.0
#: A way whose lanes are all taken is looked at again so often: it may hang by then.
PAUSE = 1.0


class Ways:
    """One or two mail servers; all copies together measure, one of them decides for all."""

    def __init__(self, pool: Pool, first: Post, second: Post | None) -> None:
        self._pool = pool
        self._posts = {Route.PRIMARY: first, Route.SECONDARY: second or first}
        self._two = second is not None
        # The first mail of every copy shows how the second is.
        self._percent = PROBE if self._two else 0
        self._number = 0
        self._seen = dict.fromkeys(Route, Measured())
        self._heard_at = dict.fromkeys(Route, 0.0)

    def turn(self, lanes: Mapping[Route, Lanes]) -> Route | None:
        """The way of the next mail or round, which has lanes of its own; None while they are all taken.

        While a server hangs, what it has in hand waits for it and everything else goes by the other.
        """
        turn = route_of(self._number, self._percent) if self._two else Route.PRIMARY
        if self._two and lanes[turn].taken and self._hangs(turn) and lanes[turn.other].free:
            return turn.other
        return turn if lanes[turn].free else None

    def begin(self, route: Route) -> None:
        """Something goes this way; what comes after it may go the other."""
        self._number += 1
        self._heard_at[route] = monotonic()

    def _hangs(self, route: Route) -> bool:
        return monotonic() - self._heard_at[route] > _SILENT_SECONDS

    def post(self, route: Route) -> Post:
        """The server at the end of a way."""
        return self._posts[route]

    def saw(self, route: Route, told: Told, seconds: float) -> None:
        """How a mail fared by this way."""
        self._heard_at[route] = monotonic()
        seen = self._seen[route]
        failed = told.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN)
        self._seen[route] = Measured(seen.tries + 1, seen.failures + failed, seen.seconds + seconds)

    async def settle(self) -> bool:
        """Say what was seen, hear what was decided, and decide if it is time."""
        seen, self._seen = self._seen, dict.fromkeys(Route, Measured())
        async with transaction(self._pool) as conn:
            for route, measured in seen.items():
                if measured.tries:
                    await routes.add_measured(conn, route, measured, now())
        if self._two:
            await self._decide()
        return False

    async def _decide(self) -> None:
        at = now()
        async with transaction(self._pool) as conn:
            due = await routes.share_before(conn, at - _DECIDED_EVERY)
            if due is not None:
                measured = await routes.measured(conn, at - _LOOKED_AT)
                made = next_share(due["secondary_percent"], *(measured[r] for r in Route))
                await routes.save_share(conn, made, at)
                await routes.forget_minutes(conn, at - _KEPT)
        async with reading(self._pool) as conn:
            share = await routes.share(conn)
        percent = max(PROBE, share["secondary_percent"])
        if percent != self._percent:
            _log.info("mails go another way", percent=percent, why=share["why"])
        self._percent = percent
        _SHARE.set(self._percent)
