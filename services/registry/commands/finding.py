"""The search of this process: built from the public feed, and following it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Pool, Record, reading
from chassis.feeds import head
from contracts import registry as contract
from contracts.event import facts_of
from contracts.registry import MeasureChanged, MeasureFreed, MeasureUsedUp, PublicMeasureFact
from services.registry.model.codes import DirectoryEntry
from services.registry.model.feed import FEED
from services.registry.model.search.index import Index
from services.registry.model.search.public_measure import (
    STATUS_AFTER,
    PublicMeasure,
    Status,
    after_fact,
    public_measure,
)
from services.registry.store import codes, public_measures

_FACTS: Mapping[str, type[PublicMeasureFact]] = {
    name: fact for name, fact in facts_of(contract).items() if issubclass(fact, PublicMeasureFact)
}
#: Facts that tell whether anything is left, and nothing else.
_USE = (MeasureUsedUp.type, MeasureFreed.type)
_BATCH = 500


class Finder:
    """The index of one process and how far it has followed the feed."""

    def __init__(self) -> None:
        self.index = Index()
        #: The last position of the feed that is in the index; none before it was built.
        self.position: int | None = None
        self._places: dict[str, DirectoryEntry] = {}

    def missing(self) -> dict[str, str]:
        """For ``/readyz``: a process that cannot find anything yet."""
        return {} if self.position is not None else {"search": "not built yet"}

    async def follow(self, pool: Pool) -> bool:
        """Take in what the feed tells since the last time; whether there was anything."""
        if self.position is None:
            await self._build(pool)
        async with reading(pool) as conn:
            said = await public_measures.said_since(conn, self.position or 0, _BATCH)
        for row in said:
            self._hear(row)
            self.position = row["position"]
        return bool(said)

    async def _build(self, pool: Pool) -> None:
        async with reading(pool) as conn:
            end = await head(conn, FEED)
            self._places = await codes.whole_directory(conn)
            rows = await public_measures.standing(
                conn, end.position, not_by=(MeasureChanged.type, *_USE), used_by=_USE
            )
        # Thousands of measures take seconds, in which this process has other work to do.
        self.index = await asyncio.to_thread(lambda: Index.of(map(self._standing, rows)))
        self.position = end.position

    def _standing(self, row: Record) -> PublicMeasure:
        fact = _FACTS[row["type"]].model_validate_json(row["body"])
        status = STATUS_AFTER[_FACTS[row["stands_by"]]] if row["stands_by"] else Status.SCHEDULED
        place = self._places.get(fact.entry.municipality_code)
        times = (row["published_at"], row["recorded_at"])
        made = public_measure(fact.measure_id, fact.entry, status, times, place)
        return replace(made, used_up=row["used_by"] == MeasureUsedUp.type)

    def _hear(self, row: Record) -> None:
        kind = _FACTS.get(row["type"])
        if kind is not None:
            self.hear(kind.model_validate_json(row["body"]), row["recorded_at"])

    def hear(self, fact: PublicMeasureFact, recorded_at: datetime) -> None:
        """Take in one fact."""
        before = self.get(fact.measure_id)
        place = self._places.get(fact.entry.municipality_code)
        self.index.put(after_fact(before, fact, recorded_at, place))

    def get(self, measure_id: UUID) -> PublicMeasure | None:
        """A public measure as it stands."""
        return self.index.get(measure_id)
