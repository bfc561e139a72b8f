"""The checker itself can fail: each kind of damage, planted and rolled back, is seen and named."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from tests.faults import checker
from tests.faults.judging import settle, urls
from tests.rig.mailbox import Mail
from tests.rig.stack import Stack
from tests.rig.story import Story
from tests.rig.waiting import eventually

Check = Callable[[checker.Connections], Awaitable[list[str]]]


async def _said(databases: checker.Connections) -> list[str]:
    return await checker.said_badly("registry", databases["registry"])


async def _feed(databases: checker.Connections) -> list[str]:
    return await checker.feed_badly(databases["registry"])


_LAST = "(SELECT max(position) FROM log)"
DAMAGE: dict[str, tuple[str, str, Check, str]] = {
    "a place in the log is gone": (
        "registry",
        f"DELETE FROM log WHERE position = {_LAST} - 1",
        _said,
        "have gaps",
    ),
    "a fact was never numbered": (
        "registry",
        f"DELETE FROM log WHERE position = {_LAST}",
        _said,
        "no place in the log",
    ),
    "a fact is lost": (
        "registry",
        "DELETE FROM events WHERE seq = (SELECT min(seq) FROM events WHERE revision = 1)",
        _said,
        "",
    ),
    "a fact is numbered twice": (
        "registry",
        f"INSERT INTO log SELECT position + 1, kind, number + 1000, seq FROM log WHERE position = {_LAST}",
        _said,
        "twice",
    ),
    "an entry of the feed is gone": (
        "registry",
        "DELETE FROM feed_entries WHERE position = 1",
        _feed,
        "gaps",
    ),
    "a public fact was altered": (
        "registry",
        "UPDATE events SET body = body || ' ' WHERE seq = (SELECT min(seq) FROM feed_entries)",
        _feed,
        "chain is broken at 1",
    ),
    "a listener missed a fact": (
        "identity",
        "UPDATE subjects SET applied = applied - 1 WHERE subject = (SELECT min(subject) FROM subjects"
        " WHERE subject LIKE 'registry.organisation/%')",
        checker.unheard,
        "identity has applied",
    ),
    "a fact is parked": (
        "notifications",
        "INSERT INTO inbox (subject, revision, kind, number, event_id, type, body, recorded_at, state, why)"
        " VALUES ('registry.organisation/x', 1, 'registry.organisation', 1, gen_random_uuid(), 'x', '', now(),"
        " 'parked', 'planted')",
        checker.left_over,
        "parked",
    ),
    "a letter was not written": (
        "notifications",
        "DELETE FROM letters WHERE template = 'account_issued'",
        checker.unwritten,
        "was written 0 times",
    ),
    "a letter was mailed to nobody": (
        "notifications",
        "DELETE FROM deliveries WHERE letter_id IN (SELECT letter_id FROM letters WHERE organisation_id IS NOT NULL)",
        checker.unmailed,
        "was not mailed",
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_damage_is_seen(stack: Stack, story: Story, what: str) -> None:
    service, sql, check, words = DAMAGE[what]
    await settle(stack)
    async with checker.connected(urls(stack)) as databases:
        conn = databases[service]

        async def sound() -> bool:
            # What is due may be said in this very moment.
            assert await check(databases) == []
            return True

        await eventually(sound)
        transaction = conn.transaction()
        await transaction.start()
        try:
            # Neither triggers nor keys keep a superuser from planting damage.
            await conn.execute("SET LOCAL session_replication_role = replica")
            done = await conn.execute(sql)
            assert not done.endswith(" 0"), f"nothing to damage: {done}"
            found = await check(databases)
        finally:
            await transaction.rollback()
    assert any(words in line for line in found), found


async def test_mail_that_came_twice_or_never_is_seen(stack: Stack, story: Story) -> None:
    await settle(stack)
    conn = await asyncpg.connect(stack.database_url("notifications"))
    mails = await story.mailbox.mails()
    assert mails
    assert await checker.mailed_badly(conn, mails) == []
    assert any(
        "came 2 times" in line for line in await checker.mailed_badly(conn, [*mails, mails[0]])
    )
    assert any("came 0 times" in line for line in await checker.mailed_badly(conn, mails[1:]))
    stranger = Mail(0, "a@example.jp", "", "", "<nobody@example.jp>", ())
    assert any("no letter" in line for line in await checker.mailed_badly(conn, [*mails, stranger]))
    await conn.close()
