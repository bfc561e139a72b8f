"""What the clock does to measures."""

from datetime import datetime
from uuid import UUID

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.patience import patiently
from services.registry.commands.measure_course import take_due
from services.registry.store import measures


class DueMeasures:
    """Opens, closes and settles measures when it is time, one in each transaction.

    It goes round by when they were due, so that one that cannot be helped does not hold up the others.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._last: tuple[datetime, UUID] | None = None

    async def turn(self) -> bool:
        """Take the next measure that is due; whether there was one in this round."""
        async with reading(self._pool) as conn:
            self._last = await measures.next_due(conn, now(), after=self._last)
        if self._last is None:
            return False
        async with transaction(self._pool) as conn:
            await take_due(conn, self._last[1], now())
        return True

    async def run(self, *, every: float) -> None:
        """Take turns for as long as the process lives."""
        await patiently("measures due", self.turn, pause=every)
