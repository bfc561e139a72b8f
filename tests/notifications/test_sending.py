"""Mails are carried: each once, whatever the server says, however many copies there are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import now
from chassis.database import Connection, Pool, Record, UniqueViolation, reading, transaction
from services.notifications.commands import mails
from services.notifications.commands.letters import Desk
from services.notifications.jobs import Courier
from services.notifications.model.delivery import Outcome
from services.notifications.outside import Post, Told
from services.notifications.store import attempts
from tests.notifications.rooms import LINK, Catcher, Hear, Sealing, requested
from tests.rig.waiting import eventually

AT_ONCE = timedelta(0)


@asynccontextmanager
async def running(*couriers: Courier) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(courier.run()) for courier in couriers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


class Room:
    """A database with letters in line, and what can be seen of them."""

    def __init__(self, pool: Pool, hear: Hear, sealed: Sealing) -> None:
        self.pool, self._hear, self._sealed = pool, hear, sealed

    async def letter(self, part: str = "hanako") -> str:
        """A letter in line, to somebody new; its address."""
        to = f"{part}+{uuid4().hex}@aoba.example"
        async with transaction(self.pool) as conn:
            await self._hear(conn, requested(self._sealed("account_link", to=to)))
        return to

    async def mail(self, to: str) -> Record:
        """Where the mail to an address is."""
        async with reading(self.pool) as conn:
            row = await conn.fetchrow("SELECT * FROM deliveries WHERE address = $1", to)
            assert row is not None
            return row

    async def state(self, to: str) -> str:
        """The state of the mail to an address."""
        return str((await self.mail(to))["state"])

    async def has(self, to: str, *states: str) -> bool:
        """Whether the mail to an address has come to one of these states."""
        return await self.state(to) in states

    async def said(self, to: str) -> list[str]:
        """The facts about the letter to an address."""
        letter_id = (await self.mail(to))["letter_id"]
        async with reading(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT type FROM events WHERE subject = $1 ORDER BY revision",
                f"letter/{letter_id}",
            )
        return [row["type"].split(".")[2] for row in rows]

    async def hurry(self) -> None:
        """Let no pause be waited for."""
        async with transaction(self.pool) as conn:
            await conn.execute("UPDATE deliveries SET due_at = queued_at WHERE state = 'waiting'")


@pytest.fixture
def room(pool: Pool, hear: Hear, sealed: Sealing) -> Room:
    return Room(pool, hear, sealed)


async def test_a_letter_is_sent_with_its_link_and_that_is_said(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to = await room.letter()
    async with running(courier):
        await eventually(lambda: room.has(to, "sent"))
    [caught] = catcher.mails(to)
    assert LINK in caught["text"] and f'<a href="{LINK}">' in caught["html"]
    assert "リンクはメールにだけ" not in caught["text"]
    assert caught["message_id"] == f"<{(await room.mail(to))['delivery_id']}@machipo.example>"
    assert await room.said(to) == ["sent"]


@pytest.mark.parametrize("part", ["bounce", "refuse-data"])
async def test_a_refusal_for_good_is_said_as_a_bounce(
    room: Room, courier: Courier, catcher: Catcher, part: str
) -> None:
    to = await room.letter(part)
    async with running(courier):
        await eventually(lambda: room.has(to, "failed"))
    assert (await room.mail(to))["reason"] == "refused"
    assert await room.said(to) == ["bounced"]
    assert catcher.mails(to) == []


@pytest.mark.parametrize("part", ["busy", "busy-data"])
async def test_a_refusal_for_now_is_tried_again_later(
    room: Room, courier: Courier, catcher: Catcher, part: str
) -> None:
    to = await room.letter(part)
    async with running(courier):
        for tries in (1, 2):
            await eventually(partial(_tried, room, to, tries))
            assert (await room.mail(to))["due_at"] > now()
            await room.hurry()
        await eventually(lambda: room.has(to, "sent"))
    assert len(catcher.mails(to)) == 1
    assert (await room.mail(to))["attempts"] == 3


async def _tried(room: Room, to: str, tries: int) -> bool:
    mail = await room.mail(to)
    return bool(mail["attempts"] == tries and mail["state"] == "waiting")


async def test_a_lost_answer_is_no_reason_to_send_twice(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to, other = await room.letter("drop-after-data"), await room.letter()
    async with running(courier):
        await eventually(lambda: room.has(to, "unknown"))
        await room.hurry()
        await eventually(lambda: room.has(other, "sent"))
        await asyncio.sleep(1)
    assert await room.state(to) == "unknown"
    assert len(catcher.mails(to)) == 1
    assert await room.said(to) == []


async def test_a_line_that_is_cut_earlier_is_tried_again(room: Room, courier: Courier) -> None:
    to = await room.letter("drop")
    async with running(courier):
        await eventually(lambda: _tried(room, to, 1))
    assert "Disconnected" in (await room.mail(to))["answer"]


async def test_what_nobody_took_in_time_has_failed(room: Room, courier: Courier) -> None:
    to = await room.letter()
    async with transaction(room.pool) as conn:
        await conn.execute("UPDATE deliveries SET send_by = $1", now() - timedelta(seconds=1))
    async with running(courier):
        await eventually(lambda: room.has(to, "failed"))
    assert (await room.mail(to))["reason"] == "late"
    assert await room.said(to) == ["bounced"]


async def test_a_server_that_is_away_delays_letters_and_loses_none(
    room: Room, own_catcher: Callable[..., Catcher], desk: Desk
) -> None:
    catcher = own_catcher()
    catcher.stop()
    to = await room.letter()
    async with running(Courier(room.pool, catcher.post(), desk)):
        await eventually(lambda: _tried(room, to, 1))
        catcher.start()
        await room.hurry()
        await eventually(lambda: room.has(to, "sent"))
    assert len(catcher.mails(to)) == 1


async def test_three_copies_at_once_send_each_mail_once(
    room: Room, post: Post, desk: Desk, catcher: Catcher
) -> None:
    addresses = [await room.letter() for _ in range(60)]
    async with running(*(Courier(room.pool, post, desk) for _ in range(3))):
        await eventually(lambda: _all_sent(room, len(addresses)))
    assert [len(catcher.mails(to)) for to in addresses] == [1] * len(addresses)
    async with reading(room.pool) as conn:
        assert await conn.fetchval("SELECT count(DISTINCT sender_id) FROM attempts") > 1


async def _all_sent(room: Room, count: int) -> bool:
    async with reading(room.pool) as conn:
        sent = await conn.fetchval("SELECT count(*) FROM deliveries WHERE state = 'sent'")
        return bool(sent == count)


async def test_a_stopping_copy_brings_what_it_has_begun_to_an_end(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to = await room.letter("slow")
    async with running(courier):
        await eventually(lambda: room.has(to, "sending"))
    assert await room.state(to) == "sent"
    assert len(catcher.mails(to)) == 1


# ------------------------------------------------------------------ copies that die


async def _claimed(conn: Connection, sender: UUID) -> Any:
    [mail] = await mails.claim(conn, sender, limit=1, at=now())
    return mail


async def test_a_try_that_was_never_handed_over_is_taken_back_and_sent(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to = await room.letter()
    async with transaction(room.pool) as conn:
        mail = await _claimed(conn, uuid4())
    await courier.take_back(AT_ONCE)
    assert await room.state(to) == "waiting"
    async with transaction(room.pool) as conn:
        assert not await mails.hand_over(conn, mail, now()), "the dead copy must get no leave"
    async with running(courier):
        await eventually(lambda: room.has(to, "sent"))
    assert len(catcher.mails(to)) == 1


async def test_a_try_that_was_handed_over_is_unknown_when_its_copy_dies(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to = await room.letter()
    async with transaction(room.pool) as conn:
        mail = await _claimed(conn, uuid4())
        assert await mails.hand_over(conn, mail, now())
    await courier.take_back(AT_ONCE)
    assert await room.state(to) == "unknown"
    async with transaction(room.pool) as conn:
        await mails.finish(conn, mail, Told(Outcome.ACCEPTED, "250 taken"), now())
    assert await room.state(to) == "sent"
    assert await room.said(to) == ["sent"]


async def test_leave_is_given_once(room: Room) -> None:
    await room.letter()
    async with transaction(room.pool) as conn:
        mail = await _claimed(conn, uuid4())
        assert await mails.hand_over(conn, mail, now())
        assert not await mails.hand_over(conn, mail, now())


async def test_what_a_living_copy_has_in_hand_is_left_to_it(room: Room, courier: Courier) -> None:
    to, alive = await room.letter(), uuid4()
    async with transaction(room.pool) as conn:
        await attempts.alive(conn, alive)
        await _claimed(conn, alive)
    # Silence is long enough for a machine that does much else.
    await courier.take_back(timedelta(hours=1))
    assert await room.state(to) == "sending"


async def test_the_database_itself_refuses_a_second_handing_over(room: Room) -> None:
    await room.letter()
    async with transaction(room.pool) as conn:
        mail = await _claimed(conn, uuid4())
        await mails.hand_over(conn, mail, now())
        await conn.execute(
            "INSERT INTO attempts (delivery_id, attempt, sender_id, claimed_at)"
            " VALUES ($1, 2, $2, now())",
            mail.delivery_id,
            uuid4(),
        )
    with pytest.raises(UniqueViolation, match="attempts_handed_once"):
        async with transaction(room.pool) as conn:
            await attempts.mark_handed(conn, mail.delivery_id, 2, now())


# ------------------------------------------------------------------ what people decide


async def test_a_person_may_send_an_unknown_mail_again(
    room: Room, courier: Courier, catcher: Catcher
) -> None:
    to = await room.letter("drop-after-data")
    async with running(courier):
        await eventually(lambda: room.has(to, "unknown"))
        async with transaction(room.pool) as conn:
            await mails.ask_again(conn, (await room.mail(to))["delivery_id"], "member/1", now())
        await eventually(lambda: _caught(catcher, to, 2))
        await eventually(lambda: room.has(to, "unknown"))
    first, second = catcher.mails(to)
    assert first["message_id"] == second["message_id"]


def _caught(catcher: Catcher, to: str, count: int) -> bool:
    return len(catcher.mails(to)) == count


async def test_a_mail_that_comes_back_is_said_after_it_was_sent(
    room: Room, courier: Courier
) -> None:
    to = await room.letter()
    async with running(courier):
        await eventually(lambda: room.has(to, "sent"))
    delivery_id = (await room.mail(to))["delivery_id"]
    for _ in range(2):
        async with transaction(room.pool) as conn:
            await mails.take_return(conn, delivery_id, "5.2.2 the mailbox is full", now())
    assert (await room.mail(to))["reason"] == "returned"
    assert await room.said(to) == ["sent", "bounced"]


async def test_dead_links_and_strangers_addresses_are_forgotten(
    room: Room, courier: Courier
) -> None:
    to = await room.letter()
    async with running(courier):
        await eventually(lambda: room.has(to, "sent"))
    async with transaction(room.pool) as conn:
        await conn.execute("UPDATE letters SET link_until = $1", now())
        await conn.execute("UPDATE deliveries SET finished_at = $1", now() - timedelta(days=91))
        await mails.forget(conn)
        assert await conn.fetchval("SELECT sealed FROM letters") is None
        row = await conn.fetchrow("SELECT name, address FROM deliveries")
    assert row is not None and (row["name"], row["address"]) == ("", None)
