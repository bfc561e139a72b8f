"""News for many: who is told, when, in which language, and what a correction or a stop does about it."""

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from chassis.clock import JAPAN, now
from chassis.database import CheckViolation, Connection, Record, UniqueViolation
from chassis.refusal import Gone
from contracts.identity import AccountClosed, MemberRemoved
from contracts.principal import Role
from contracts.scheduling import MaintenanceCancelled, MaintenanceExtended
from services.notifications.commands import digests, following, mails
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.facets import Matching
from services.notifications.model.timing import Frequency, window_end
from services.notifications.model.writing import STOP_IS_IN_THE_MAIL
from services.notifications.store import subscribers, tellings
from services.notifications.store.digests import close_windows
from tests.notifications.readers import (
    WINDOW,
    announced,
    moved,
    news,
    reached,
    reader,
    spread,
    told,
    wish,
)
from tests.notifications.rooms import AOBA, HANAKO, Hear, Sealing, issued, joined

TARO = UUID("0198f0c2-5d11-7a70-8a51-0b6f5a6f1c13")


async def mails_to(conn: Connection, one: UUID) -> list[Record]:
    return await conn.fetch(
        "SELECT d.*, l.subject, l.text, l.language, l.template FROM deliveries d"
        " JOIN letters l USING (letter_id) WHERE d.contact_id = $1 AND d.wide ORDER BY d.number",
        one,
    )


async def test_whoever_wants_to_hear_is_told_once_and_nobody_else(
    conn: Connection, hear: Hear
) -> None:
    wants = await reader(conn)
    other = await reader(conn, wish("kind:measure"))
    await hear(conn, announced(), announced())
    await spread(conn)
    await spread(conn)
    assert await told(conn) == {wants}
    [mail] = await mails_to(conn, wants)
    assert (mail["state"], mail["subject"]) == ("waiting", "【マチポ】マチポの保守のお知らせ")
    assert await mails_to(conn, other) == []


@pytest.mark.parametrize(
    ("matching", "facets", "hears"),
    [
        (Matching.ANY, ("kind:measure", "system:portal"), True),
        (Matching.ALL, ("kind:maintenance", "system:portal", "system:identity"), True),
        (Matching.ALL, ("kind:maintenance", "system:identity"), False),
        (Matching.ALL, ("kind:maintenance", "prefecture:17"), False),
    ],
)
async def test_facets_decide_in_the_database_as_the_rule_says(
    conn: Connection, hear: Hear, matching: Matching, facets: tuple[str, ...], *, hears: bool
) -> None:
    one = await reader(conn, wish(*facets, matching=matching))
    await hear(conn, announced())
    await spread(conn)
    assert (one in await told(conn)) is hears


async def test_two_subscriptions_to_the_same_news_are_told_once_by_the_quicker(
    conn: Connection, hear: Hear
) -> None:
    one = await reader(conn, wish("kind:maintenance", frequency=Frequency.WEEKLY))
    await following.follow(conn, one, wish("system:portal"), now())
    await hear(conn, announced())
    await spread(conn)
    assert len(await mails_to(conn, one)) == 1


async def test_readers_are_told_in_sets_however_many_there_are(
    conn: Connection, hear: Hear
) -> None:
    readers = {await reader(conn) for _ in range(25)}
    await hear(conn, announced())
    await spread(conn, limit=4)
    assert await told(conn) == readers
    reach = await reached(conn)
    assert (reach.intended, reach.pending) == (25, 25)


# ------------------------------------------------------------------ languages


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("ja", "マチポの保守を行います"),
        ("easy", "マチポを 直します"),
        ("en", "Planned maintenance: Machipo"),
    ],
)
async def test_each_reader_reads_their_own_language(
    conn: Connection, hear: Hear, language: str, begins: str
) -> None:
    one = await reader(conn, language=language)
    await hear(conn, announced())
    await spread(conn)
    [mail] = await mails_to(conn, one)
    assert mail["text"].startswith(begins) and STOP_IS_IN_THE_MAIL in mail["text"]


async def test_a_missing_language_is_read_in_japanese_and_says_so(
    conn: Connection, desk: Desk
) -> None:
    one = await reader(conn, wish("kind:notice"), language="en")
    await announce(conn, desk, news(desk))
    await spread(conn)
    [mail] = await mails_to(conn, one)
    assert mail["text"].startswith("This is not yet available in English.")
    assert "words in ja" in mail["text"]


# ------------------------------------------------------------------ members


async def test_members_hear_of_maintenance_without_asking_in_the_box_and_by_mail(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(conn, issued(sealed("account_issued")), announced())
    await spread(conn)
    assert len(await mails_to(conn, HANAKO)) == 1
    assert (
        await conn.fetchval("SELECT count(*) FROM letter_readers WHERE member_id = $1", HANAKO) == 1
    )


async def test_without_mail_news_lies_in_the_box_and_counts_as_delivered(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(conn, issued(sealed("account_issued")))
    await subscribers.save_wishes(
        conn, HANAKO, 1, language="ja", by_mail=False, quiet_from=None, quiet_until=None
    )
    await hear(conn, announced())
    await spread(conn)
    reach = await reached(conn)
    assert (reach.delivered, reach.intended) == (1, 1)
    assert await mails_to(conn, HANAKO) == []


async def test_who_left_hears_nothing(conn: Connection, hear: Hear, sealed: Sealing) -> None:
    await hear(conn, issued(sealed("account_issued")), joined(sealed("welcome"), TARO, Role.EDITOR))
    await conn.execute("DELETE FROM contacts WHERE contact_id = $1", TARO)
    await hear(conn, announced())
    await spread(conn)
    assert await told(conn) == {HANAKO}
    assert AOBA


@pytest.mark.parametrize(
    "gone",
    [
        MemberRemoved(account_id=AOBA, revision=2, member_id=HANAKO),
        AccountClosed(account_id=AOBA, revision=2, reason="統合のため"),
    ],
)
async def test_what_waits_for_somebody_who_left_is_not_sent(
    conn: Connection, hear: Hear, sealed: Sealing, gone: MemberRemoved | AccountClosed
) -> None:
    await hear(conn, issued(sealed("account_issued")))
    await subscribers.save_wishes(
        conn, HANAKO, 1, language="ja", by_mail=True, quiet_from=time(0), quiet_until=time(23, 59)
    )
    await hear(conn, announced())
    await spread(conn, japan("2026-11-26T12:00"))
    await hear(conn, gone)
    [held] = [m for m in await mails_to(conn, HANAKO) if m["wide"]]
    assert (held["state"], held["reason"]) == ("failed", "stopped")
    reach = await reached(conn)
    assert (reach.failed, reach.intended) == (1, 1)


# ------------------------------------------------------------------ quiet hours and digests


def japan(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


async def test_quiet_hours_hold_and_what_is_urgent_passes(conn: Connection, hear: Hear) -> None:
    one = await reader(conn, quiet=(time(21), time(7)))
    await hear(conn, announced(), announced(2, hours=1))
    await spread(conn, japan("2026-11-26T23:30"))
    urgent, held = await mails_to(conn, one)
    assert held["due_at"] == japan("2026-11-27T07:00")
    assert held["send_by"] == held["due_at"] + timedelta(hours=72)
    assert urgent["due_at"] == japan("2026-11-26T23:30")


async def test_a_digest_is_one_mail_for_each_person_and_window_ever(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    daily = [await reader(conn, wish(frequency=Frequency.DAILY)) for _ in range(3)]
    english = await reader(conn, wish(frequency=Frequency.DAILY), language="en")
    at = japan("2026-11-26T12:00")
    await hear(conn, announced(), announced(2))
    await spread(conn, at)
    assert await mails_to(conn, daily[0]) == []
    assert (await reached(conn)).pending == 4
    end = window_end(Frequency.DAILY, at)
    for _ in range(3):
        await close_windows(conn, end)
        while await digests.make_digests(conn, desk, end):
            pass
    for one in (*daily, english):
        [mail] = await mails_to(conn, one)
        assert mail["template"] == "digest" and mail["text"].count("\n・") == 2
    assert "2 notices" in (await mails_to(conn, english))[0]["subject"]
    assert await conn.fetchval("SELECT count(*) FROM letters WHERE template = 'digest'") == 2
    with pytest.raises(UniqueViolation, match="digests_pkey"):
        async with conn.transaction():
            await conn.execute("INSERT INTO digests SELECT * FROM digests")


async def test_who_is_told_after_a_window_closed_is_told_in_the_next(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    one = await reader(conn, wish(frequency=Frequency.DAILY))
    at = japan("2026-11-26T12:00")
    await hear(conn, announced())
    await spread(conn, at)
    end = window_end(Frequency.DAILY, at)
    await close_windows(conn, end)
    await hear(conn, announced(2))
    # A copy whose clock is behind still believes that the window is open.
    await spread(conn, end - timedelta(seconds=1))
    while await digests.make_digests(conn, desk, end):
        pass
    [mail] = await mails_to(conn, one)
    assert mail["text"].count("\n・") == 1
    assert await conn.fetchval(
        "SELECT window_ends_at FROM tellings WHERE delivery_id IS NULL"
    ) == end + timedelta(days=1)


# ------------------------------------------------------------------ corrections


async def test_a_correction_goes_to_exactly_those_who_were_told(
    conn: Connection, hear: Hear
) -> None:
    before = [await reader(conn) for _ in range(3)]
    await hear(conn, announced())
    await spread(conn)
    late = await reader(conn)
    unsubscribed = before.pop()
    await following.stop(conn, unsubscribed, now())
    await conn.execute(
        "UPDATE deliveries SET state = 'failed', reason = 'refused', due_at = NULL, finished_at = now()"
        " WHERE contact_id = $1",
        before[0],
    )
    await hear(conn, moved())
    await spread(conn)
    assert await told(conn, 2) == {before[1]}
    assert late not in await told(conn, 2)
    [_, mail] = await mails_to(conn, before[1])
    assert mail["subject"] == "【マチポ】訂正：保守の日程が変わりました"
    assert "変更前：マチポ：" in mail["text"] and "前のお知らせを受け取った方だけ" in mail["text"]


async def test_a_correction_waits_until_it_is_known_who_was_told(
    conn: Connection, hear: Hear
) -> None:
    one = await reader(conn)
    await hear(conn, announced(), moved())
    await spread(conn)
    assert await told(conn, 1) == await told(conn, 2) == {one}


async def test_nothing_is_put_right_that_was_never_announced(conn: Connection, hear: Hear) -> None:
    await hear(conn, moved())
    assert await conn.fetchval("SELECT count(*) FROM announcements") == 0


@pytest.mark.parametrize("fact", [MaintenanceExtended, MaintenanceCancelled])
async def test_an_end_that_comes_later_or_not_at_all_is_said(
    conn: Connection, hear: Hear, fact: type[MaintenanceExtended | MaintenanceCancelled]
) -> None:
    one = await reader(conn)
    plan = announced()
    what = plan.model_dump() | {"maintenance_id": WINDOW, "revision": 2}
    await hear(conn, plan, fact(**what))
    await spread(conn)
    assert len(await mails_to(conn, one)) == 2


# ------------------------------------------------------------------ asking, confirming, stopping


async def test_nothing_is_sent_to_an_address_that_did_not_confirm(
    conn: Connection, hear: Hear, desk: Desk
) -> None:
    await following.ask_to_follow(conn, desk, "hana@reader.example", "ja", wish(), now())
    await hear(conn, announced())
    await spread(conn)
    assert await told(conn) == set()
    row = await conn.fetchrow("SELECT subscription_id FROM subscriptions")
    assert row is not None
    one = await following.confirm(conn, row["subscription_id"], now())
    await following.confirm(conn, row["subscription_id"], now())
    await hear(conn, announced(2))
    await spread(conn)
    assert await told(conn, 2) == {one}


async def test_a_confirmation_is_over_after_a_day(conn: Connection, desk: Desk) -> None:
    await following.ask_to_follow(conn, desk, "hana@reader.example", "ja", wish(), now())
    one = await conn.fetchval("SELECT subscription_id FROM subscriptions")
    with pytest.raises(Gone):
        await following.confirm(conn, one, now() + timedelta(hours=25))


async def test_what_was_asked_for_last_is_what_begins_and_strangers_change_nothing(
    conn: Connection, desk: Desk
) -> None:
    async def ask(frequency: Frequency, hour: int) -> Record:
        wanted, at = wish(frequency=frequency), now() + timedelta(hours=hour)
        await following.ask_to_follow(conn, desk, "hana@reader.example", "ja", wanted, at)
        [found] = await conn.fetch("SELECT subscription_id, frequency FROM subscriptions")
        return found

    await ask(Frequency.DAILY, 0)
    asked = await ask(Frequency.WEEKLY, 1)
    assert asked["frequency"] == "weekly"
    await following.confirm(conn, asked["subscription_id"], now())
    assert (await ask(Frequency.AT_ONCE, 2))["frequency"] == "weekly"


async def test_nobody_is_buried_in_mails_that_ask(conn: Connection, desk: Desk) -> None:
    for number in range(8):
        wanted = wish(f"prefecture:{number + 1:02d}")
        await following.ask_to_follow(conn, desk, "Hana@reader.example", "ja", wanted, now())
    assert (
        await conn.fetchval("SELECT count(*) FROM letters WHERE template = 'follow_confirm'") == 3
    )
    assert await conn.fetchval("SELECT count(*) FROM subscribers") == 1


async def test_who_stops_gets_nothing_that_is_still_in_line_and_the_sum_stays_right(
    conn: Connection, hear: Hear
) -> None:
    at_once, daily = await reader(conn), await reader(conn, wish(frequency=Frequency.DAILY))
    await hear(conn, announced())
    await spread(conn)
    for one in (at_once, daily):
        await following.stop(conn, one, now())
        await following.stop(conn, one, now())
    reach = await reached(conn)
    assert (reach.intended, reach.failed, reach.reasons) == (2, 2, {"stopped": 2})
    assert await conn.fetchval("SELECT count(*) FROM subscribers WHERE audience = 'public'") == 0


async def test_stopping_touches_no_letter_that_cannot_be_stopped(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    await hear(conn, issued(sealed("account_issued")), announced())
    await spread(conn)
    await following.stop(conn, HANAKO, now())
    states = await conn.fetch("SELECT wide, state FROM deliveries")
    assert {(row["wide"], row["state"]) for row in states} == {(True, "failed"), (False, "waiting")}


async def test_what_nobody_confirmed_is_forgotten(conn: Connection, desk: Desk) -> None:
    await following.ask_to_follow(conn, desk, "hana@reader.example", "ja", wish(), now())
    await following.forget(conn, now() + timedelta(days=8))
    assert await conn.fetchval("SELECT count(*) FROM subscribers") == 0


async def test_the_database_refuses_a_telling_that_leads_nowhere(
    conn: Connection, hear: Hear
) -> None:
    one = await reader(conn)
    await hear(conn, announced())
    await spread(conn)
    with pytest.raises(CheckViolation):
        async with conn.transaction():
            await conn.execute(
                "UPDATE tellings SET delivery_id = NULL WHERE subscriber_id = $1", one
            )
    await tellings.drop(conn, one, now())
    await mails.forget(conn)
