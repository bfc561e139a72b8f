"""One letter to many organisations: every row has its state, and a day has its measure."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import JAPAN, now
from chassis.database import Connection, UniqueViolation
from chassis.refusal import Invalid, TooMany
from services.notifications.commands import mailings
from services.notifications.commands.letters import Desk
from services.notifications.model.quota import Quota
from services.notifications.store import mailings as store
from tests.notifications.rooms import AOBA, Hear, Sealing, issued

OFFICE, BY = uuid4(), "member/0198"
#: Everything is asked for at one instant: no midnight passes between two of them.
ASKED_AT = now()


async def asked(conn: Connection, *organisations: UUID, allowed: int = 10, **changes: Any) -> UUID:
    said = {"title": "説明会", "words": "12月に行います", **changes}
    mailing_id, _ = await mailings.ask_for(
        conn, BY, OFFICE, said["title"], said["words"], organisations, allowed, ASKED_AT
    )
    return mailing_id


async def test_every_row_has_its_state(
    conn: Connection, hear: Hear, sealed: Sealing, desk: Desk
) -> None:
    stranger, gone = uuid4(), uuid4()
    await hear(conn, issued(sealed("account_issued")))
    await hear(conn, issued(sealed("account_issued", to="g@gone.example"), gone, uuid4()))
    await conn.execute("UPDATE organisations SET closed = true WHERE organisation_id = $1", gone)
    one = await asked(conn, AOBA, stranger, gone, AOBA)
    before = await store.mailing(conn, one)
    assert before is not None and (before["rows"], before["waiting"]) == (3, 3)
    while await mailings.write_rows(conn, desk):
        pass
    rows = await store.mailing_rows(conn, one, after=0, limit=10)
    assert [row["state"] for row in rows] == ["written", "unknown_organisation", "closed"]
    assert rows[0]["mails"] == ["waiting"]
    after = await store.mailing(conn, one)
    assert after is not None
    assert (after["written"], after["not_written"], after["waiting"]) == (1, 2, 0)
    assert after["mails"] == after["delivered"] + after["failed"] + after["pending"] == 1


async def test_a_day_has_its_measure_and_what_is_refused_is_not_counted(conn: Connection) -> None:
    await asked(conn, *(uuid4() for _ in range(7)))
    with pytest.raises(TooMany) as why:
        await asked(conn, *(uuid4() for _ in range(4)))
    assert why.value.retry_after
    await asked(conn, *(uuid4() for _ in range(3)))
    with pytest.raises(TooMany):
        await asked(conn, uuid4())


def test_a_quota_begins_anew_at_midnight_in_japan_and_says_what_is_left() -> None:
    quota = Quota.of(10, 4, datetime(2026, 11, 27, 23, 59, tzinfo=JAPAN))
    assert quota.headers == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "6",
        "RateLimit-Reset": "60",
    }
    assert quota.take(6).left == 0


async def test_a_title_on_two_lines_becomes_one_and_an_empty_one_is_refused(
    conn: Connection,
) -> None:
    one = await asked(conn, uuid4(), title="説明会\r\nBcc: all@x.example")
    found = await store.mailing(conn, one)
    assert found is not None and found["title"] == "説明会 Bcc: all@x.example"
    with pytest.raises(Invalid):
        await asked(conn, uuid4(), title="\u202e ")


async def test_the_database_writes_no_organisation_twice(conn: Connection) -> None:
    one = await asked(conn, AOBA)
    with pytest.raises(UniqueViolation):
        async with conn.transaction():
            await conn.execute("INSERT INTO mailing_rows VALUES ($1, 2, $2, 'waiting')", one, AOBA)
