"""What content and scheduling say, announced: to those who may read it, amended for those who were told."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.database import Connection
from contracts.content import DocumentVersionPublished, NoticePublished, NoticeWithdrawn
from contracts.scheduling import (
    SessionCancelled,
    SessionPublished,
    SessionReminded,
    SessionSeatTaken,
    SignUpFact,
)
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from services.notifications.model.announcement import EVERYBODY, audience_of
from tests.notifications.readers import reader, spread, wish
from tests.notifications.rooms import AOBA, HANAKO, Hear, Sealing, issued

NOTICE = UUID("0198f0c2-0000-7000-8000-0000000000bb")


def example(type_: str, **changes: Any) -> dict[str, Any]:
    """The released example of a fact, with some fields changed."""
    known: dict[str, Any] = json.loads(
        (ROOT / f"contracts/examples/{type_}.json").read_text("utf-8")
    )
    return {**known.get("body", known), "revision": 1, **changes}


def published(**changes: Any) -> NoticePublished:
    notice = {
        "category": "programme",
        "audience": "public",
        "texts": {"ja": {"title": "要領の改定", "body": "第3条が変わりました"}},
        "published_at": "2026-11-26T00:00:00Z",
    }
    return NoticePublished.model_validate(
        {"notice_id": NOTICE, "revision": 1, "notice": {**notice, **changes.pop("notice", {})}}
        | changes
    )


async def told(conn: Connection, about: str) -> set[UUID]:
    rows = await conn.fetch(
        "SELECT subscriber_id FROM tellings JOIN announcements USING (announcement_id) WHERE about = $1",
        about,
    )
    return {row["subscriber_id"] for row in rows}


async def test_a_notice_is_told_to_those_who_may_read_it(
    conn: Connection, hear: Hear, sealed: Sealing
) -> None:
    outside = await reader(conn, wish("kind:notice"))
    await hear(conn, issued(sealed("account_issued")))
    other = uuid4()
    await hear(conn, published(), published(notice_id=other, notice={"audience": "municipality"}))
    await spread(conn)
    assert await told(conn, f"notice/{NOTICE}") == {outside, HANAKO}
    assert await told(conn, f"notice/{other}") == {HANAKO}


async def test_an_amendment_is_told_to_those_who_were_told_and_nobody_else(
    conn: Connection, hear: Hear
) -> None:
    before = await reader(conn, wish("kind:notice"))
    await hear(conn, published())
    await spread(conn)
    await reader(conn, wish("kind:notice"))
    amending = uuid4()
    await hear(conn, published(notice_id=amending, amends=NOTICE, amendment="correction"))
    await spread(conn)
    assert await told(conn, f"notice/{amending}") == {before}


async def test_who_read_the_first_notice_is_told_of_the_last_correction(
    conn: Connection, hear: Hear
) -> None:
    one, other = [await reader(conn, wish("kind:notice")) for _ in range(2)]
    second, third = uuid4(), uuid4()
    await hear(conn, published())
    await spread(conn)
    await hear(conn, published(notice_id=second, amends=NOTICE, amendment="correction"))
    await spread(conn)
    await conn.execute(
        "UPDATE deliveries d SET state = 'failed', reason = 'late', due_at = NULL, finished_at = now()"
        "  FROM letters l WHERE l.letter_id = d.letter_id AND d.contact_id = $1 AND l.about = $2",
        other,
        f"notice/{second}",
    )
    await hear(conn, published(notice_id=third, amends=second, amendment="correction"))
    await spread(conn)
    assert await told(conn, f"notice/{third}") == {one, other}


async def test_a_notice_taken_back_is_told_to_those_who_were_told(
    conn: Connection, hear: Hear
) -> None:
    one = await reader(conn, wish("kind:notice"))
    await hear(conn, published())
    await spread(conn)
    back = NoticeWithdrawn(notice_id=NOTICE, revision=2, reason="日付がちがいました。")
    await hear(conn, back)
    await spread(conn)
    texts = await conn.fetch(
        "SELECT l.text FROM letters l JOIN deliveries d USING (letter_id) WHERE d.contact_id = $1"
        " ORDER BY d.number",
        one,
    )
    assert len(texts) == 2 and "取り下げました。日付がちがいました。" in texts[1]["text"]


async def test_what_is_announced_elsewhere_is_not_announced_twice(
    conn: Connection, hear: Hear
) -> None:
    version = example("content.document.version_published.v1", notice_id=str(uuid4()))
    await hear(
        conn,
        published(maintenance_id=uuid4()),
        NoticeWithdrawn(notice_id=uuid4(), revision=2, reason="x"),
        DocumentVersionPublished.model_validate(version),
    )
    assert await conn.fetchval("SELECT count(*) FROM announcements") == 0


async def test_a_new_version_without_a_notice_is_told_by_itself(
    conn: Connection, hear: Hear
) -> None:
    one = await reader(conn, wish("kind:document"))
    version = example("content.document.version_published.v1", notice_id=None, access="public")
    fact = DocumentVersionPublished.model_validate(version)
    await hear(conn, fact)
    await spread(conn)
    assert await told(conn, fact.subject) == {one}


async def test_a_session_is_told_by_its_series_and_its_end_to_those_who_were_told(
    conn: Connection, hear: Hear
) -> None:
    planned = SessionPublished.model_validate(
        example("scheduling.session.published.v1", audience="everyone")
    )
    one = await reader(conn, wish("kind:session", f"series:{planned.series}"))
    await hear(conn, planned)
    cancelled = SessionCancelled.model_validate(
        planned.model_dump() | {"revision": 2, "note": "大雪"}
    )
    await hear(conn, cancelled)
    await spread(conn)
    assert await told(conn, planned.subject) == {one}
    assert await conn.fetchval("SELECT count(*) FROM deliveries WHERE contact_id = $1", one) == 2


@pytest.mark.parametrize(
    ("kind", "words"),
    [(SessionSeatTaken, "席が空き、参加できる"), (SessionReminded, "は、明日です")],
)
async def test_one_who_signed_up_is_told_alone_of_a_seat_and_of_the_day(
    conn: Connection, hear: Hear, sealed: Sealing, kind: type[SignUpFact], words: str
) -> None:
    await hear(conn, issued(sealed("account_issued")))
    who = {"organisation_id": str(AOBA), "member_id": str(HANAKO)}
    fact = kind.model_validate(example(kind.type, **who))
    await hear(conn, fact, fact)
    [letter] = await conn.fetch("SELECT * FROM letters WHERE about = $1", fact.subject)
    assert letter["member_id"] == HANAKO
    assert words in letter["text"] and f"/sessions/{fact.session_id}" in letter["text"]
    mails = "SELECT address FROM deliveries WHERE letter_id = $1"
    assert await conn.fetchval(mails, letter["letter_id"]) == "hanako@aoba.example"


@pytest.mark.parametrize("word", ["public", "everyone"])
def test_everybody_means_everybody(word: str) -> None:
    assert audience_of(word) == EVERYBODY


def test_a_word_nobody_knows_is_not_told_to_the_public() -> None:
    assert audience_of("invited") == {OrganisationKind.SECRETARIAT}
