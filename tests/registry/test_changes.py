"""The change feed: at once, waiting, as events; snapshots and signed checkpoints; what the SDK makes of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import KeySet, OKPKey

from contracts.values import OrganisationKind
from sdk import Contradiction, Cursor, Feed, folded, verified
from tests.registry.acts import registered
from tests.registry.asking import BASE, Desk
from tests.registry.feeding import numbered
from tests.registry.forms import municipality_form


@pytest.fixture
async def feed(full: Desk) -> AsyncIterator[Feed]:
    """The feed as a provider's system reads it."""
    async with aiohttp.ClientSession() as session:
        yield Feed(session, str(full.client.make_url("/")), wait=1)


async def test_an_empty_feed_begins_at_nothing(desk: Desk) -> None:
    answer = (await desk.anybody().get("/changes")).json
    assert answer == {
        "feed": "registry",
        "next": 0,
        "head": {"position": 0, "chain": "0" * 64},
        "entries": [],
    }


async def test_everything_public_is_read_from_the_first_position_page_by_page(full: Desk) -> None:
    seen, after = [], 0
    while True:
        page = (await full.anybody().get(f"/changes?after={after}&limit=37")).json
        if not page["entries"]:
            break
        seen += [entry["position"] for entry in page["entries"]]
        after = page["next"]
    assert seen == list(range(1, page["head"]["position"] + 1))


async def test_what_is_not_public_is_not_in_the_feed(full: Desk) -> None:
    page = (await full.anybody().get("/changes?limit=1000")).json
    types = {entry["type"] for entry in page["entries"]}
    assert "registry.organisation.registered.v1" in types
    assert not types & {"registry.organisation.submitted.v1", "registry.organisation.returned.v1"}
    text = json.dumps(page, ensure_ascii=False)
    assert "@" not in text
    assert "050-0000" not in text


async def test_the_sdk_verifies_the_whole_chain_and_the_signed_head(full: Desk, feed: Feed) -> None:
    cursor = Cursor()
    async for _, after in feed.entries(Cursor()):
        cursor = after
    signed = await feed.checkpoint(await feed.keys())
    assert (cursor.position, cursor.chain) == (signed.position, signed.chain)
    assert (await feed.check(Cursor(), await feed.keys())).position == cursor.position


async def test_the_sdk_notices_an_entry_that_was_altered_or_left_out(
    full: Desk, feed: Feed
) -> None:
    entries = [entry async for entry, _ in feed.entries(Cursor())][:3]
    altered = replace(entries[1], data={**entries[1].data, "effective_on": "1999-01-01"})
    after = Cursor().after(entries[0])
    with pytest.raises(Contradiction):
        after.after(altered)
    with pytest.raises(Contradiction):
        after.after(entries[2])


async def test_the_sdk_notices_a_signature_of_somebody_else(full: Desk, feed: Feed) -> None:
    document = (await full.anybody().get("/checkpoint")).json
    with pytest.raises(Contradiction):
        verified(document, KeySet([OKPKey.generate_key("Ed25519", {"kid": "registry"})]))


async def test_a_snapshot_and_the_changes_after_it_make_any_later_snapshot_byte_for_byte(
    full: Desk,
) -> None:
    everything = (await full.anybody().get("/changes?limit=1000")).json["entries"]
    head = len(everything)
    snapshots = [
        (await full.anybody().get(f"/snapshot?at={position}")).content
        for position in range(head + 1)
    ]

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, head), st.integers(0, head))
    def holds(one: int, other: int) -> None:
        p, q = sorted((one, other))
        assert folded(json.loads(snapshots[p]), everything[p:q]) == snapshots[q]

    holds()


async def test_a_snapshot_without_a_position_is_the_newest(full: Desk) -> None:
    newest = await full.anybody().get("/snapshot")
    again = await full.anybody().get(f"/snapshot?at={newest.json['position']}")
    assert newest.content == again.content
    fresh = await full.anybody().get("/snapshot", headers={"If-None-Match": newest.headers["ETag"]})
    assert fresh.status == 304


@pytest.mark.parametrize(
    "path", ["/changes?after=999999", "/snapshot?at=999999", "/changes?after=999999&wait=5"]
)
async def test_a_cursor_ahead_of_the_feed_is_refused(full: Desk, path: str) -> None:
    answer = await full.anybody().get(path)
    assert (answer.status, answer.code) == (400, "cursor-ahead")


async def test_a_long_poll_ends_when_something_new_is_there(
    full: Desk,
) -> None:
    head = (await full.anybody().get("/checkpoint")).json["position"]
    waiting = asyncio.create_task(full.anybody().get(f"/changes?after={head}&wait=60"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    form = municipality_form()
    form["organisation"] |= {"code": "011002", "name": "札幌市", "name_kana": "サッポロシ"}
    await registered(full, form, full.inspect)
    await numbered(full.pool)
    # The minute it would wait is not over by then, unless the machine took most of it for the registration.
    async with asyncio.timeout(30):
        answer = await waiting
    assert [e["data"]["entry"]["name"] for e in answer.json["entries"]] == ["札幌市"]


async def test_a_long_poll_ends_empty_when_nothing_comes(full: Desk) -> None:
    head = (await full.anybody().get("/checkpoint")).json["position"]
    answer = await full.anybody().get(f"/changes?after={head}&wait=1")
    assert (answer.status, answer.json["entries"], answer.json["next"]) == (200, [], head)


async def test_a_stream_begins_after_the_last_event_id_and_carries_the_same_documents(
    full: Desk,
) -> None:
    page = (await full.anybody().get("/changes?after=5&limit=3")).json["entries"]
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "5"}
    async with full.client.get(f"{BASE}/changes", headers=headers) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        seen: list[object] = []
        while len(seen) < 3:
            line = (await stream.content.readline()).decode()
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
    assert seen == page


async def test_a_caller_may_hold_only_so_many_streams(full: Desk) -> None:
    firm = full.member(OrganisationKind.PROVIDER)
    head = (await full.anybody().get("/checkpoint")).json["position"]
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {firm.token}"}
    address = f"{BASE}/changes?after={head}"
    async with (
        full.client.get(address, headers=headers) as one,
        full.client.get(address, headers=headers) as two,
    ):
        assert (one.status, two.status) == (200, 200)
        async with full.client.get(address, headers=headers) as three:
            assert three.status == 429
            assert (await three.json())["code"] == "streams-too-many"
            assert int(three.headers["Retry-After"]) > 0


@pytest.mark.parametrize("given_id", ["-1", "abc", "１２", "9" * 40])
async def test_a_broken_last_event_id_is_refused(full: Desk, given_id: str) -> None:
    answer = await full.anybody().get(
        "/changes", headers={"Accept": "text/event-stream", "Last-Event-ID": given_id}
    )
    assert (answer.status, answer.code) == (400, "last-event-id-unreadable")
