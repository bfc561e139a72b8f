"""Judges a stack from outside: own SQL, own hashing, nothing of the house is asked to vouch for itself.

Every function answers what is wrong, in words; an empty list is the only good answer.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from tests.rig.mailbox import Mail

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connections: TypeAlias = Mapping[str, "asyncpg.Connection[asyncpg.Record]"]

#: Who speaks, of which kinds of subject, and who has to act on it.
LISTENERS: Mapping[str, tuple[str, ...]] = {
    "identity.account": ("registry", "notifications"),
    "identity.session": ("registry", "content", "scheduling", "notifications", "benefits"),
    "identity.client": ("registry", "content", "scheduling", "notifications", "benefits"),
    "registry.organisation": ("identity", "content", "notifications"),
    "registry.measure": ("scheduling", "benefits"),
    "scheduling.maintenance": ("content",),
    "notifications.letter": ("identity",),
}
SERVICES = ("identity", "registry", "content", "scheduling", "notifications", "benefits")
FEED = "registry"
#: Letters that lie in the portal's letter box and are not mailed.
PORTAL_ONLY = ("registration_under_review",)


@asynccontextmanager
async def connected(urls: Mapping[str, str]) -> AsyncIterator[Connections]:
    """A connection to each service's database."""
    opened: dict[str, Connection] = {}
    try:
        for service, url in urls.items():
            opened[service] = await asyncpg.connect(url)
        yield opened
    finally:
        for connection in opened.values():
            await connection.close()


async def unsettled(databases: Connections) -> list[str]:
    """What is still under way: facts to number, to carry, to apply, mails to send."""
    left = []
    for service, conn in databases.items():
        counts = await conn.fetchrow(
            """SELECT (SELECT count(*) FROM outbox) AS unnumbered,
                      coalesce((SELECT max(position) FROM log), 0) - (SELECT published FROM relay) AS uncarried,
                      (SELECT count(*) FROM inbox WHERE state <> 'parked') AS unapplied"""
        )
        left += [f"{service}: {n} {what}" for what, n in dict(counts or {}).items() if n]
    left += [line for line in await unheard(databases) if line not in left]
    waiting = await databases["notifications"].fetchval(
        "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending')"
    )
    return [*left, *([f"notifications: {waiting} mails to send"] if waiting else [])]


async def said_badly(service: str, conn: Connection) -> list[str]:
    """Facts out of order, numbered twice or not at all."""
    questions = {
        "revisions of a subject have gaps": """
            SELECT subject FROM events GROUP BY subject
            HAVING min(revision) <> 1 OR max(revision) <> count(*)""",
        "later revisions were written earlier": """
            SELECT a.subject FROM events a JOIN events b ON b.subject = a.subject
            AND b.revision = a.revision + 1 WHERE b.seq < a.seq""",
        "events have no place in the log": """
            SELECT e.subject FROM events e LEFT JOIN log l ON l.seq = e.seq WHERE l.seq IS NULL""",
        "places in the log have no event": """
            SELECT l.position FROM log l LEFT JOIN events e ON e.seq = l.seq WHERE e.seq IS NULL""",
        "events stand in the log twice": "SELECT seq FROM log GROUP BY seq HAVING count(*) > 1",
        "positions of the log have gaps": """
            SELECT max(position) FROM log HAVING max(position) <> count(*) OR min(position) <> 1""",
        "numbers of a kind have gaps": """
            SELECT kind FROM log GROUP BY kind HAVING max(number) <> count(*) OR min(number) <> 1""",
        "kinds in the log and of the event differ": """
            SELECT e.subject FROM events e JOIN log l ON l.seq = e.seq WHERE l.kind <> e.kind""",
        "a subject's revisions are out of order in the log": """
            SELECT a.subject FROM (SELECT e.subject, e.revision, l.position FROM events e JOIN log l ON l.seq = e.seq) a
            JOIN (SELECT e.subject, e.revision, l.position FROM events e JOIN log l ON l.seq = e.seq) b
            ON b.subject = a.subject AND b.revision = a.revision + 1 WHERE b.position < a.position""",
        "heads and log differ": """
            SELECT h.name FROM heads h WHERE h.name NOT LIKE 'feed:%' AND h.position <>
            (SELECT coalesce(max(CASE WHEN h.name = '' THEN l.position ELSE l.number END), 0)
               FROM log l WHERE h.name IN ('', l.kind))""",
    }
    wrong = []
    for what, sql in questions.items():
        rows = await conn.fetch(sql)
        if rows:
            wrong.append(f"{service}: {what}: {[row[0] for row in rows[:5]]}")
    return wrong


async def unheard(databases: Connections) -> list[str]:
    """Facts that were said and that a listener has not acted on."""
    wrong = []
    for kind, listeners in LISTENERS.items():
        speaker = kind.partition(".")[0]
        said: dict[str, int] = {
            f"{speaker}.{row['subject']}": row["last"]
            for row in await databases[speaker].fetch(
                "SELECT subject, max(revision) AS last FROM events WHERE kind = $1 GROUP BY subject",
                kind,
            )
        }
        for listener in listeners:
            rows = await databases[listener].fetch("SELECT subject, applied FROM subjects")
            applied = {row["subject"]: row["applied"] for row in rows}
            for subject, last in said.items():
                if applied.get(subject, 0) != last:
                    wrong.append(
                        f"{listener} has applied {applied.get(subject, 0)} of {last} of {subject}"
                    )
    return wrong


async def left_over(databases: Connections) -> list[str]:
    """What lies in an inbox or could not be read."""
    wrong = []
    for service, conn in databases.items():
        for row in await conn.fetch("SELECT subject, revision, state, why FROM inbox LIMIT 5"):
            wrong.append(
                f"{service}: {row['state']} {row['subject']} {row['revision']}: {row['why']}"
            )
        quarantined = await conn.fetchval("SELECT count(*) FROM quarantine")
        if quarantined:
            wrong.append(f"{service}: {quarantined} messages could not be read")
    return wrong


def chained(entries: Iterable[Sequence[Any]]) -> list[tuple[int, bytes]]:
    """The chain anew, from (position, event_id, type, subject, revision, recorded_at, body)."""
    chain, found = bytes(32), []
    for position, event_id, type_, subject, revision, recorded_at, body in entries:
        head = f"{position}\n{event_id}\n{type_}\n{subject}\n{revision}\n{recorded_at}\n"
        chain = hashlib.sha256(chain + head.encode("utf-8") + bytes(body)).digest()
        found.append((position, chain))
    return found


async def feed_badly(conn: Connection) -> list[str]:
    """A feed with gaps, with entries it should not have or lacks, or with a broken chain."""
    rows = await conn.fetch(
        """SELECT f.position, e.event_id, e.type, e.subject, e.revision,
                  to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at,
                  e.body, f.chain, f.seq
             FROM feed_entries f JOIN events e ON e.seq = f.seq WHERE f.feed = $1 ORDER BY f.position""",
        FEED,
    )
    wanted = await conn.fetch(
        "SELECT e.seq FROM events e JOIN log l ON l.seq = e.seq WHERE $1 = ANY(e.feeds) ORDER BY l.position",
        FEED,
    )
    wrong = []
    if [row["position"] for row in rows] != list(range(1, len(rows) + 1)):
        wrong.append("the feed has gaps")
    if [row["seq"] for row in rows] != [row["seq"] for row in wanted]:
        wrong.append("the feed does not hold exactly what was said for it, in the log's order")
    ours = chained(tuple(row)[:7] for row in rows)
    broken = [p for (p, chain), row in zip(ours, rows, strict=True) if chain != row["chain"]]
    if broken:
        wrong.append(f"the feed's chain is broken at {broken[0]}")
    head = await conn.fetchrow("SELECT position, chain FROM heads WHERE name = $1", f"feed:{FEED}")
    if ours and (head is None or (head["position"], head["chain"]) != ours[-1]):
        wrong.append("the feed's head is not its last entry")
    return wrong


def folded(entries: Iterable[Mapping[str, Any]], on: str) -> dict[str, set[tuple[str, str]]]:
    """Who stands in which public list on a day, told from the facts of the feed alone: (code, name)."""
    lists: dict[str, dict[str, list[tuple[str, str, tuple[str, str] | None]]]] = {
        "municipalities": {},
        "providers": {},
        "payment-services": {},
    }
    for entry in entries:
        fact = entry["data"]
        _, noun, what, _ = str(entry["type"]).split(".")
        if noun == "organisation":
            kind = fact["entry"]["organisation_kind"]
            name = "municipalities" if kind == "municipality" else "providers"
        elif noun == "payment_service":
            name = "payment-services"
        else:
            continue
        listed = what in ("registered", "changed", "resumed")
        shown = (fact["entry"]["code"], fact["entry"]["name"]) if listed else None
        lists[name].setdefault(entry["subject"], []).append((fact["effective_on"], what, shown))
    return {
        name: {shown for says in subjects.values() if (shown := _on(says, on))}
        for name, subjects in lists.items()
    }


def _on(
    says: Sequence[tuple[str, str, tuple[str, str] | None]], day: str
) -> tuple[str, str] | None:
    true = [shown for since, _, shown in says if since <= day]
    return true[-1] if true else None


async def mailed_badly(conn: Connection, mails: Sequence[Mail]) -> list[str]:
    """Mails that came twice, not at all, or that nobody wrote; letters without a mail."""
    came = Counter(mail.message_id.strip("<>").partition("@")[0] for mail in mails)
    rows = await conn.fetch(
        "SELECT d.delivery_id::text AS id, d.state, l.template FROM deliveries d JOIN letters l USING (letter_id)"
    )
    wrong = [f"mail {mid} came {times} times" for mid, times in came.items() if times > 1]
    known = {row["id"]: row for row in rows}
    for mid in came:
        if mid not in known:
            wrong.append(f"mail {mid} belongs to no letter")
    for mid, row in known.items():
        if row["state"] == "sent" and came[mid] != 1:
            wrong.append(f"{row['template']} {mid} counts as sent and came {came[mid]} times")
        if row["state"] in ("waiting", "failed") and came[mid]:
            wrong.append(f"{row['template']} {mid} counts as {row['state']} and came")
    return wrong


async def unmailed(databases: Connections) -> list[str]:
    """Letters that lie in the box of an organisation with an account and were mailed to nobody."""
    known = {
        row["subject"].partition("/")[2]: row["since"]
        for row in await databases["identity"].fetch(
            "SELECT subject, min(recorded_at) AS since FROM events"
            " WHERE kind = 'identity.account' GROUP BY subject"
        )
    }
    alone = await databases["notifications"].fetch(
        "SELECT l.template, l.organisation_id::text AS organisation, l.written_at FROM letters l"
        " WHERE l.template <> ALL($1) AND l.organisation_id IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM deliveries d WHERE d.letter_id = l.letter_id)",
        list(PORTAL_ONLY),
    )
    return [
        f"{row['template']} to {row['organisation']} was not mailed"
        for row in alone
        # What the demo data tell of the years before there were accounts was mailed to nobody.
        if row["organisation"] in known and row["written_at"] > known[row["organisation"]]
    ]


async def unwritten(databases: Connections) -> list[str]:
    """Facts that ask for a letter and have none, or have two for one reader."""
    asked = await databases["identity"].fetch(
        """SELECT type, subject, revision FROM events
            WHERE kind = 'identity.account' AND convert_from(body, 'UTF8')::jsonb ? 'letter'"""
    )
    written = Counter(
        (row["about"], row["about_revision"])
        for row in await databases["notifications"].fetch(
            "SELECT about, about_revision FROM letters"
        )
    )
    wrong = []
    for row in asked:
        count = max(
            written[row["subject"], row["revision"]],
            written[f"identity.{row['subject']}", row["revision"]],
        )
        if count != 1:
            wrong.append(f"{row['type']} of {row['subject']} was written {count} times")
    return wrong


async def everything(databases: Connections, mails: Sequence[Mail]) -> list[str]:
    """All that is wrong with a stack that has come to rest."""
    wrong = []
    for service, conn in databases.items():
        wrong += await said_badly(service, conn)
    wrong += await unheard(databases)
    wrong += await left_over(databases)
    wrong += await feed_badly(databases["registry"])
    wrong += await mailed_badly(databases["notifications"], mails)
    wrong += await unwritten(databases)
    wrong += await unmailed(databases)
    return wrong
