"""The comparison: what a speaker has said, less what was heard, is fetched from the speaker itself.

So nothing depends on the broker keeping anything; it works without a broker, fills a new listener and
rebuilds a projection.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import aiohttp
import orjson
import structlog

from chassis.access import Keys
from chassis.database import Pool, reading
from chassis.inbox.store import Store
from chassis.wire import Heard, Unreadable, heard

_log = structlog.get_logger()

_ANSWER_SECONDS = 10.0

# `heard` holds ranges with the end excluded: upper() is the first number not heard at the tail.
_MISSING = """
SELECT lower(r) AS since, upper(r) AS until, coalesce(upper(got), 1) AS upto
  FROM heard
  LEFT JOIN LATERAL unnest(int8multirange(int8range(1, $2::bigint + 1)) - got) AS r ON true
 WHERE kind = $1
 ORDER BY 1
"""


class Speaker(Protocol):
    """A service that can be asked what it has said."""

    async def heads(self, kinds: Sequence[str]) -> Mapping[str, int]:
        """The last number of each kind."""

    async def facts(self, kind: str, since: int, until: int) -> tuple[list[Heard], int]:
        """Facts from ``since`` on, and the first number (at most ``until``) the answer no longer covers."""


class PeerSpeaker:
    """A speaker asked over its internal routes."""

    def __init__(self, name: str, url: str, keys: Keys, session: aiohttp.ClientSession) -> None:
        self._name, self._url, self._keys, self._session = name, url.rstrip("/"), keys, session

    async def heads(self, kinds: Sequence[str]) -> Mapping[str, int]:
        """The last number of each kind."""
        answer = await self._ask("/internal/heads", {"kinds": ",".join(kinds)})
        return {str(kind): int(number) for kind, number in answer["heads"].items()}

    async def facts(self, kind: str, since: int, until: int) -> tuple[list[Heard], int]:
        """One page of facts; a fact that cannot be believed is not counted as covered."""
        asked = {"kind": kind, "since": str(since), "until": str(until)}
        answer = await self._ask("/internal/facts", asked)
        return [_heard(fact) for fact in answer["facts"]], int(answer["covered"])

    async def _ask(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._keys.for_service(self._name)}"}
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with self._session.get(
            self._url + path, params=query, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            if answer.status != 200:
                raise ConnectionError(f"{self._name} answered {answer.status} to {path}")
            found: dict[str, Any] = orjson.loads(await answer.read())
            return found


def _heard(fact: Mapping[str, Any]) -> Heard:
    try:
        return heard(
            type_=fact["type"],
            subject=fact["subject"],
            revision=fact["revision"],
            number=fact["number"],
            event_id=fact["event_id"],
            recorded_at=fact["recorded_at"],
            request_id=fact["request_id"],
            body=fact["body"].encode(),
        )
    except (KeyError, AttributeError) as why:
        raise Unreadable(repr(why)) from why


class Comparison:
    """Compares one speaker's kinds, round after round."""

    def __init__(self, pool: Pool, store: Store, speaker: Speaker, kinds: Sequence[str]) -> None:
        self._pool, self._store, self._speaker, self._kinds = pool, store, speaker, kinds
        self._head: dict[str, int] = {}
        self._upto: dict[str, int] = {}

    async def round(self) -> int:
        """Fetch what was missing a round ago and still is; how many facts that were."""
        fetched = 0
        for kind, head in (await self._speaker.heads(self._kinds)).items():
            before, upto_before = self._head.get(kind, 0), self._upto.get(kind)
            for since, until, upto in await self._missing(kind, before):
                # A tail that still moves is the queue at work.
                moving = since >= upto and upto != upto_before
                if not moving:
                    fetched += await self._fetch(kind, since, until)
                self._upto[kind] = upto
            self._head[kind] = head
        return fetched

    async def _missing(self, kind: str, head: int) -> list[tuple[int, int, int]]:
        async with reading(self._pool) as conn:
            rows = await conn.fetch(_MISSING, kind, head)
        for row in rows:
            self._upto.setdefault(kind, row["upto"])
        return [(r["since"], r["until"], r["upto"]) for r in rows if r["since"] is not None]

    async def _fetch(self, kind: str, since: int, until: int) -> int:
        fetched = 0
        while since < until:
            facts, covered = await self._speaker.facts(kind, since, until)
            if covered <= since:
                break
            await self._store.facts(facts, [(kind, since, covered)])
            fetched, since = fetched + len(facts), covered
        _log.info("missed facts fetched", kind=kind, count=fetched)
        return fetched


async def compare(
    comparisons: Mapping[str, Comparison],
    *,
    every: float,
    told: Callable[[str, str], None] = lambda _name, _why: None,
) -> None:
    """Compare with every speaker for ever; one that does not answer is asked again the next time."""

    async def keep(name: str, comparison: Comparison) -> None:
        while True:
            try:
                await comparison.round()
                told(name, "")
            except Exception as why:
                told(name, repr(why)[:300])
                _log.warning("comparison put off", speaker=name, why=repr(why)[:300])
            await asyncio.sleep(every)

    async with asyncio.TaskGroup() as tasks:
        for name, comparison in comparisons.items():
            tasks.create_task(keep(name, comparison))
