"""A provider's system hears of changes to the register: at once, by waiting, and as a stream."""

import asyncio
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sdk import Contradiction, Cursor, CursorFile, Feed, folded
from tests.rig.feed import verified
from tests.rig.paperwork import Applicant, municipality
from tests.rig.stack import Stack
from tests.rig.story import REGISTRY, Story
from tests.rig.visitor import Visitor
from tests.rig.waiting import eventually

_WITHIN = 60


async def _registered(story: Story, desk: Visitor, today: date) -> Applicant:
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    await story.approve(desk, applicant, today)
    return applicant


async def _waiting(story: Story, desk: Visitor) -> Applicant:
    """Somebody who is registered as soon as the desk says so."""
    applicant = municipality()
    visitor = await story.get_account(applicant)
    await story.apply(applicant, visitor)
    await story.decide(desk, applicant, "take")
    await story.documents_checked(desk, applicant)
    return applicant


async def test_a_reader_follows_from_where_it_stopped_and_checks_the_signature(
    story: Story,
    stack: Stack,
    http: aiohttp.ClientSession,
    desk: Visitor,
    today: date,
    tmp_path: Path,
) -> None:
    kept = CursorFile(tmp_path / "cursor")
    feed = Feed(http, stack.url, wait=5)

    async def read_all() -> bool:
        async for _, cursor in feed.entries(kept.read()):
            kept.write(cursor)
        return kept.read().position == len(await story.feed())

    # What was done before may come into the feed between the two.
    assert await eventually(read_all)
    before = kept.read()
    signed = await feed.check(before, await feed.keys())
    assert signed.position >= before.position

    applicant = await _registered(story, desk, today)
    async with asyncio.timeout(_WITHIN):
        async for entry, cursor in feed.follow(kept.read()):
            kept.write(cursor)
            if applicant.organisation_id in entry.subject:
                break
    assert entry.type == "registry.organisation.registered.v1"
    assert entry.data["entry"]["code"] == applicant.code
    assert kept.read().position > before.position


async def test_a_reader_whose_past_is_another_one_is_told(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    feed = Feed(http, stack.url, wait=0)
    read = [cursor async for _, cursor in feed.entries(Cursor())]
    forged = Cursor(read[0].position, bytes(32))
    with pytest.raises(Contradiction):
        [entry async for entry, _ in feed.entries(forged)]
    ahead = Cursor(10**9, read[0].chain)
    with pytest.raises(Contradiction):
        [entry async for entry, _ in feed.entries(ahead)]


async def test_whoever_waits_is_answered_when_something_happens(
    story: Story, desk: Visitor, today: date
) -> None:
    applicant = await _waiting(story, desk)
    after = len(await story.feed())
    waiting = asyncio.create_task(story.visitor().get(f"{REGISTRY}/changes", after=after, wait=25))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await story.decide(desk, applicant, "approve", {"effective_on": today.isoformat()})
    page = (await waiting).expect(200).body
    async with asyncio.timeout(_WITHIN):
        # What was done before may have come into the feed first.
        while not any(applicant.organisation_id in entry["subject"] for entry in page["entries"]):
            after = page["next"]
            more = await story.visitor().get(f"{REGISTRY}/changes", after=after, wait=25)
            page = more.expect(200).body
    assert page["next"] == page["entries"][-1]["position"] == after + len(page["entries"])


async def test_a_stream_tells_each_change_once_and_goes_on_after_a_break(
    story: Story, stack: Stack, http: aiohttp.ClientSession, desk: Visitor, today: date
) -> None:
    entries = await story.feed()
    applicant = await _waiting(story, desk)
    resumed = len(entries) - 3
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(resumed)}
    seconds = aiohttp.ClientTimeout(total=4 * _WITHIN)
    url = f"{stack.url}{REGISTRY}/changes"
    async with http.get(url, headers=headers, timeout=seconds) as stream:
        assert stream.status == 200
        assert stream.content_type == "text/event-stream"
        told = [await _event(stream) for _ in range(3)]
        assert [event["position"] for event in told] == [resumed + 1, resumed + 2, resumed + 3]
        await story.decide(desk, applicant, "approve", {"effective_on": today.isoformat()})
        # What was done before may come into the feed first.
        while applicant.organisation_id not in told[-1]["subject"]:
            told.append(await _event(stream))
    chain = bytes.fromhex(entries[resumed - 1]["chain"])
    verified(told, after=resumed, chain=chain)


async def _event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(_WITHIN):
        while True:
            line = (await stream.content.readline()).decode()
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found


async def test_a_snapshot_and_the_changes_after_it_make_the_later_snapshot(
    story: Story, desk: Visitor, today: date
) -> None:
    visitor = story.visitor()
    await _registered(story, desk, today)
    entries = await story.feed()
    middle = len(entries) // 2
    early = (await visitor.get(f"{REGISTRY}/snapshot", at=middle)).expect(200)
    late = (await visitor.get(f"{REGISTRY}/snapshot", at=len(entries))).expect(200)
    assert folded(early.body, entries[middle:]) == late.raw
    assert early.body["chain"] == entries[middle - 1]["chain"]


async def test_the_feed_says_what_the_lists_show(story: Story, today: date) -> None:
    async def the_same() -> bool:
        answer = await story.visitor().get(f"{REGISTRY}/municipalities.json", as_of=today)
        shown = answer.expect(200).body
        items = shown["items"] if isinstance(shown, dict) else shown
        listed = {item["code"] for item in items}
        return bool(listed) and listed == _registered_by(verified(await story.feed()), today)

    # A fact enters the feed a moment after the commit that the list shows already.
    assert await eventually(the_same)


def _registered_by(entries: Iterable[dict[str, Any]], today: date) -> set[str]:
    newest: dict[str, dict[str, Any]] = {}
    for entry in entries:
        organisation = entry["type"].startswith("registry.organisation.")
        if organisation and entry["data"]["effective_on"] <= today.isoformat():
            newest[entry["subject"]] = entry
    return {
        e["data"]["entry"]["code"]
        for e in newest.values()
        if e["type"].split(".")[2] in ("registered", "changed", "resumed")
        and e["data"]["entry"]["organisation_kind"] == "municipality"
    }
