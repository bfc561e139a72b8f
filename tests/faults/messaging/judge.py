"""Judges two databases with its own SQL and its own hashing; the chassis has no say here."""

import hashlib
from collections.abc import Iterable

import asyncpg

HANDLED = ("alpha.thing.moved.v1", "alpha.thing.painted.v1", "alpha.note.written.v1")


class Judge:
    """What alpha said against what beta did."""

    def __init__(
        self,
        alpha: "asyncpg.Connection[asyncpg.Record]",
        beta: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        self._alpha, self._beta = alpha, beta

    async def open_ends(self) -> int:
        """How many facts are said and neither applied nor stuck, or have no number yet."""
        said = await self._alpha.fetchval(
            "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM outbox)"
        )
        counted = await self._beta.fetchval("SELECT coalesce(sum(applied), 0) FROM subjects")
        stuck = await self._beta.fetchval(
            "SELECT count(*) FROM inbox i WHERE EXISTS"
            " (SELECT FROM inbox p WHERE p.subject = i.subject AND p.revision <= i.revision"
            "    AND p.state IN ('parked', 'held'))"
        )
        left = await self._beta.fetchval("SELECT count(*) FROM inbox")
        return int(abs(said - counted - stuck) + left - stuck)

    async def wrongs(self, acknowledged: Iterable[tuple[str, int]]) -> list[str]:
        """Everything that is not as it was promised."""
        events = await self._alpha.fetch(
            "SELECT e.*, l.position, l.number FROM events e LEFT JOIN log l USING (seq)"
            " ORDER BY l.position NULLS LAST"
        )
        said = {(e["subject"], e["revision"]) for e in events}
        lost = set(acknowledged) - said
        wrongs = [f"acknowledged and not there: {sorted(lost)[:3]}"] if lost else []
        wrongs += self._numbering(events)
        wrongs += await self._chain(events)
        wrongs += await self._effects(events)
        return wrongs

    def _numbering(self, events: list[asyncpg.Record]) -> list[str]:
        wrongs = []
        if [e["position"] for e in events] != list(range(1, len(events) + 1)):
            wrongs.append("positions have gaps")
        for kind in {e["kind"] for e in events}:
            numbers = [e["number"] for e in events if e["kind"] == kind]
            if numbers != list(range(1, len(numbers) + 1)):
                wrongs.append(f"numbers of {kind} have gaps or go back")
        last: dict[str, int] = {}
        for event in events:
            if event["revision"] != last.get(event["subject"], 0) + 1:
                wrongs.append(f"{event['subject']} is numbered out of order")
            last[event["subject"]] = event["revision"]
        return wrongs[:10]

    async def _chain(self, events: list[asyncpg.Record]) -> list[str]:
        entries = await self._alpha.fetch(
            "SELECT feed, position, seq, chain FROM feed_entries ORDER BY feed, position"
        )
        by_seq = {e["seq"]: e for e in events}
        wrongs, chain = [], bytes(32)
        for at, entry in enumerate(entries, start=1):
            e = by_seq[entry["seq"]]
            when = e["recorded_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            fields = (at, e["event_id"], e["type"], e["subject"], e["revision"], when)
            lines = "".join(f"{field}\n" for field in fields)
            chain = hashlib.sha256(chain + lines.encode() + e["body"]).digest()
            if entry["position"] != at or entry["chain"] != chain:
                wrongs.append(f"the chain of {entry['feed']} breaks at {entry['position']}")
                break
        if len(entries) != sum(len(e["feeds"] or ()) for e in events):
            wrongs.append("facts are missing in the feed")
        return wrongs

    async def _effects(self, events: list[asyncpg.Record]) -> list[str]:
        rows = await self._beta.fetch("SELECT subject, revision FROM effects ORDER BY n")
        subjects = await self._beta.fetch("SELECT subject, applied FROM subjects")
        applied = {row["subject"]: row["applied"] for row in subjects}
        inbox = await self._beta.fetch("SELECT subject, revision FROM inbox")
        done: dict[str, list[int]] = {}
        for row in rows:
            done.setdefault(row["subject"], []).append(row["revision"])
        wrongs = []
        for subject in {e["subject"] for e in events}:
            upto = applied.get(f"alpha.{subject}", 0)
            handled = [
                e["revision"]
                for e in events
                if e["subject"] == subject and e["type"] in HANDLED and e["revision"] <= upto
            ]
            if done.get(subject, []) != handled:
                wrongs.append(f"{subject}: did {done.get(subject)} of {handled}")
            # What is heard again after it counted is about to be thrown away, and no wrong.
            waiting = {
                r["revision"]
                for r in inbox
                if r["subject"] == f"alpha.{subject}" and r["revision"] > upto
            }
            all_of = {e["revision"] for e in events if e["subject"] == subject}
            if all_of - waiting != set(range(1, upto + 1)):
                wrongs.append(f"{subject}: applied {upto}, waiting {sorted(waiting)}")
        return wrongs[:10]
