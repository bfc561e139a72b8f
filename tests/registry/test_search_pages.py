"""The search over HTTP: fresh from the feed, paged, filed, and unmoved by what people type."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import pytest

from chassis.clock import now
from chassis.database import transaction
from chassis.outbox import publish
from contracts.registry import MeasureChanged, MeasureOpened, MeasurePublished
from services.registry.api.kept import FINDER, WATCH
from services.registry.api.search.views import MeasurePage
from services.registry.commands.finding import Finder
from services.registry.jobs import keep_finding
from tests.registry.asking import Asker, Desk
from tests.registry.feeding import numbered
from tests.rig.measures import made
from tests.rig.waiting import eventually

SIGNS = ("100%", "_", "'; --", '"', "\\", "*", "(", "[a-z]", "<b>", "🎁")
ATOM = "{http://www.w3.org/2005/Atom}"


async def said(desk: Desk, *facts: MeasurePublished | MeasureOpened | MeasureChanged) -> None:
    """Say facts and give them their place in the feed, as the relay does."""
    async with transaction(desk.pool) as conn:
        for fact in facts:
            publish(conn, fact)
    await numbered(desk.pool)


def opened(fact: MeasurePublished) -> MeasureOpened:
    at = now()
    return MeasureOpened(**fact.model_dump() | {"revision": 2, "occurred_at": at})


def changed(fact: MeasurePublished, title: str) -> MeasureChanged:
    text = fact.entry.texts.ja.model_copy(update={"title": title})
    texts = fact.entry.texts.model_copy(update={"ja": text})
    entry = fact.entry.model_copy(update={"texts": texts, "version": 2})
    return MeasureChanged(
        **fact.model_dump(exclude={"entry"}) | {"revision": 3}, entry=entry, changed=("texts",)
    )


@pytest.fixture
async def searching(desk: Desk) -> AsyncIterator[Asker]:
    """Somebody who asks a registry whose search follows the feed."""
    app = desk.client.server.app  # type: ignore[attr-defined]
    task = asyncio.create_task(keep_finding(desk.pool, app[WATCH], app[FINDER]))
    await eventually(lambda: not app[FINDER].missing())
    yield desk.anybody()
    task.cancel()


async def titles(asker: Asker, query: str) -> list[str]:
    answer = await asker.get(f"/measures?{query}")
    assert answer.status == 200, answer.content
    return [item["title"] for item in answer.json["items"]]


async def test_nothing_is_found_before_there_is_an_index(desk: Desk) -> None:
    answer = await desk.anybody().get("/measures")
    assert (answer.status, answer.code) == (503, "search-not-ready")


async def test_a_measure_is_found_when_its_fact_is_in_the_feed_and_as_it_is_then(
    desk: Desk, searching: Asker
) -> None:
    [fact] = made(1)
    assert await titles(searching, "state=open,soon,ended") == []
    await said(desk, fact)
    own = fact.entry.texts.ja.title
    await eventually(lambda: _same(searching, "state=soon,ended", [own]))
    await said(desk, opened(fact), changed(fact, "あたらしい題名"))
    await eventually(
        lambda: _same(searching, "state=open,soon,ended&q=アタラシイ", ["あたらしい題名"])
    )
    assert await titles(searching, f"state=open,soon,ended&q={quote(own)}") == []


async def _same(asker: Asker, query: str, expected: list[str]) -> bool:
    return await titles(asker, query) == expected


async def test_a_copy_that_starts_later_finds_the_same(desk: Desk, searching: Asker) -> None:
    facts = list(made(30))
    await said(desk, *facts)
    await said(desk, *(opened(fact) for fact in facts[:10]))
    await said(desk, *(changed(fact, "べつの題名") for fact in facts[:5]))
    app = desk.client.server.app  # type: ignore[attr-defined]
    following, late = app[FINDER], Finder()
    while await late.follow(desk.pool):
        pass
    await eventually(lambda: following.position == late.position)
    by_id = {measure.measure_id: measure for measure in late.index}
    assert {measure.measure_id: measure for measure in following.index} == by_id
    assert len(by_id) == 30


async def test_an_answer_is_the_one_its_models_would_write(desk: Desk, searching: Asker) -> None:
    facts = list(made(25))
    await said(desk, *facts)
    await eventually(lambda: _many(searching, 25))
    answer = await searching.get("/measures?state=open,soon,ended&limit=20")
    page = MeasurePage.model_validate_json(answer.content)
    assert page.model_dump(mode="json") == answer.json
    assert (page.total, len(page.items)) == (25, 20)
    more = await searching.get(f"/measures?state=open,soon,ended&limit=20&after={page.next}")
    assert len(more.json["items"]) == 5
    assert more.json["next"] is None
    seen = [item["measure_id"] for item in [*answer.json["items"], *more.json["items"]]]
    assert sorted(seen) == sorted(str(fact.measure_id) for fact in facts)
    other = await searching.get(f"/measures?sort=amount&after={page.next}")
    assert (other.status, other.code) == (400, "cursor-unknown")


async def _many(asker: Asker, count: int) -> bool:
    answer = await asker.get("/measures?state=open,soon,ended")
    return bool(answer.json["total"] == count)


async def test_the_files_of_a_search_hold_what_it_finds(desk: Desk, searching: Asker) -> None:
    facts = [*made(12)]
    facts.append(changed(facts[0], '=HYPERLINK("x")<&>'))  # type: ignore[arg-type]
    facts[-1] = facts[-1].model_copy(update={"revision": 2})
    await said(desk, *facts)
    await eventually(lambda: _many(searching, 12))
    atom = await searching.get("/measures.atom?state=ended,soon,open")
    read = feedparser.parse(atom.content)
    assert not read.bozo and read.version == "atom10" and len(read.entries) == 12
    assert all(entry.id and entry.link and entry.updated_parsed for entry in read.entries)
    feed = ElementTree.fromstring(atom.content)
    entries = feed.findall(f"{ATOM}entry")
    ids = {entry.findtext(f"{ATOM}id") for entry in entries}
    assert ids == {f"tag:machipo,2022:measure/{fact.measure_id}" for fact in facts}
    assert any('=HYPERLINK("x")<&>' in str(e.findtext(f"{ATOM}title")) for e in entries)
    again = await searching.get("/measures.atom?state=open,soon,ended")
    assert len(ElementTree.fromstring(again.content).findall(f"{ATOM}entry")) == 12
    sheet = await searching.get("/measures.csv?state=open,soon,ended")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert len(rows) == 13
    assert sum(cell.startswith("'=HYPERLINK") for row in rows for cell in row) == 1
    assert not any(cell.startswith("=") for row in rows for cell in row)


REFUSED = (
    ("q=%00", 400, "text-unusable"),
    ("q=%ED%A0%80", 400, "text-unusable"),
    ("q=%E2%80%AE", 400, "text-unusable"),
    ("q=" + quote("a " * 2_000), 422, "parameters-invalid"),
    ("q=" + quote(" ".join("あいうえおかきくけこさし")), 422, "words-too-many"),
    ("q=" + quote("・・・"), 422, "words-missing"),
    ("state=opened", 422, "parameters-invalid"),
    ("prefecture=48", 422, "parameters-invalid"),
    ("prefecture=", 422, "parameters-invalid"),
    ("amount_from=-1", 422, "parameters-invalid"),
    ("sort=price", 422, "parameters-invalid"),
    ("limit=0", 422, "parameters-invalid"),
    ("after=x", 400, "cursor-unknown"),
    ("colour=red", 422, "parameters-invalid"),
    ("q=a&q=b", 400, "parameter-doubled"),
)


async def test_what_cannot_be_asked_is_refused_by_name(searching: Asker) -> None:
    for query, status, code in REFUSED:
        answer = await searching.get(f"/measures?{query}")
        assert (answer.status, answer.code) == (status, code), query


async def test_signs_are_looked_for_as_they_are(desk: Desk, searching: Asker) -> None:
    plain, *others = made(len(SIGNS) + 1)
    await said(desk, plain, *others)
    for fact, sign in zip(others, SIGNS, strict=True):
        await said(desk, changed(fact, f"まち{sign}応援").model_copy(update={"revision": 2}))
    for sign in SIGNS:
        query = f"state=open,soon,ended&q={quote(sign)}"
        await eventually(partial(_same, searching, query, [f"まち{sign}応援"]))
