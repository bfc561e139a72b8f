"""Somebody who follows a search is told of the measures it would find, and of no others."""

from typing import Any

import pytest

from chassis.database import Connection
from chassis.refusal import Invalid
from contracts.registry import MeasureOpened, MeasurePublished
from services.notifications.model.facets import Matching, wanted
from tests.notifications.readers import reader, spread, told, wish
from tests.notifications.rooms import Hear
from tests.rig.measures import made


def measure(**changes: Any) -> MeasurePublished:
    """A measure of 小松市 for 子育て支援, worth 5,000 yen; always the same one."""
    [fact] = made(1)
    entry = fact.entry
    text = entry.texts.ja.model_copy(update={"title": "こそだて支援ポイント"})
    amount = {"grant_type": "fixed", "amount_yen": 5_000, "steps": ()}
    own = {
        "texts": entry.texts.model_copy(update={"ja": text}),
        "municipality_name": "小松市",
        "municipality_code": "172031",
        "prefecture_code": "17",
        "purpose": "child_rearing",
        "amount": amount,
    }
    changed = type(entry).model_validate({**entry.model_dump(), **own, **changes})
    return fact.model_copy(update={"entry": changed})


async def hears(conn: Connection, hear: Hear, fact: MeasurePublished, *facets: str) -> bool:
    one = await reader(conn, wish("kind:measure", *facets, matching=Matching.ALL))
    await hear(conn, fact)
    await spread(conn)
    return one in await told(conn)


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        (("word:ありえないことば",), False),
        (("word:コソダテ",), True),
        (("word:ｺｿﾀﾞﾃ 小松",), True),
        (("word:こそだて 大松",), False),
        (("prefecture:17", "category:child_rearing", "grant_type:fixed"), True),
        (("prefecture:13", "prefecture:17", "category:health"), False),
        (("amount:5000",), True),
        (("amount:10000",), False),
        (("word:こそだて", "prefecture:13"), False),
    ],
)
async def test_all_of_a_search_has_to_be_there(
    conn: Connection, hear: Hear, facets: tuple[str, ...], *, expected: bool
) -> None:
    assert await hears(conn, hear, measure(), *facets) is expected


async def test_the_opening_is_told_as_well(conn: Connection, hear: Hear) -> None:
    fact = measure()
    one = await reader(conn, wish("kind:measure", "word:支援", matching=Matching.ALL))
    await hear(conn, fact, MeasureOpened(**fact.model_dump() | {"revision": 2}))
    await spread(conn)
    count = await conn.fetchval("SELECT count(*) FROM tellings WHERE subscriber_id = $1", one)
    assert count == 2


async def test_a_body_in_several_prefectures_is_announced_too(conn: Connection, hear: Hear) -> None:
    fact = measure(prefecture_code=None)
    assert await hears(conn, hear, fact, "category:child_rearing")


def test_words_are_kept_folded_each_as_a_sort_of_its_own() -> None:
    kept = wanted(["word:こそだて 支援 コソダテ"])
    assert [facet.partition(":")[2] for facet in kept] == sorted(
        ["コソダテ", "支援"], key=lambda w: next(f for f in kept if f.endswith(w))
    )
    assert len({facet.partition(":")[0] for facet in kept}) == 2


@pytest.mark.parametrize("text", ["", "・・", "あ" * 41, " ".join("あいうえおかきくけこさ")])
def test_words_nobody_can_follow_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        wanted([f"word:{text}"])
