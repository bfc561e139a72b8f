"""A search in the address of its page, and the map beside it."""

from multidict import MultiDict

from gateway.portal.following import followed
from gateway.portal.measures.searching import Asked
from gateway.portal.tilemap import regions_of, tiles_of


def asked(*pairs: tuple[str, str]) -> Asked:
    return Asked.of(MultiDict(pairs))


def test_boxes_and_commas_ask_the_same() -> None:
    boxes = asked(("purpose", "health"), ("purpose", "child_rearing"), ("q", " 子育て "))
    commas = asked(("q", "子育て"), ("purpose", "health,child_rearing,health"))
    assert boxes.parameters() == commas.parameters()
    assert boxes.parameters() == {"q": "子育て", "purpose": "health,child_rearing"}


def test_every_choice_can_be_taken_off_alone() -> None:
    found = asked(("state", "open"), ("state", "soon"), ("amount_from", "3000"))
    chips = dict(found.chips({}))
    assert chips == {
        "募集中": "/measures?amount_from=3000&state=soon",
        "これから始まる": "/measures?amount_from=3000&state=open",
        "3,000円分以上": "/measures?state=open&state=soon",
    }


def test_a_town_falls_with_its_prefecture() -> None:
    found = asked(("prefecture", "17"), ("municipality", "172031"))
    assert found.narrower(("prefecture", "17")).address() == "/measures"
    assert found.with_prefecture("13").address() == "/measures?prefecture=13"


def test_an_address_keeps_its_order_and_nothing_unknown() -> None:
    found = asked(("sort", "amount"), ("colour", "red"), ("q", "&="))
    assert found.address() == "/measures?q=%26%3D&sort=amount"
    assert asked(("sort", "cheap")).sort == "deadline"


def test_every_prefecture_has_one_tile_and_one_region() -> None:
    tiles = tiles_of({"01": 1, "13": 8, "17": 4}, "17", lambda code: code)
    assert [t.code for t in tiles] == [f"{n:02d}" for n in range(1, 48)]
    assert [t.shade for t in tiles if t.count] == [1, 3, 2]
    assert [t.code for t in tiles if t.current] == ["17"]
    regions = regions_of(tiles)
    assert sum(len(part) for _, _, part in regions) == 47
    assert sum(count for _, count, _ in regions) == 13


def test_a_followed_search_becomes_facets_without_what_changes_with_days() -> None:
    found = asked(
        ("q", "子育て 支援"),
        ("state", "open"),
        ("age", "infant"),
        ("prefecture", "17"),
        ("purpose", "child_rearing,health"),
        ("amount_from", "3000"),
        ("no_application", "true"),
    )
    assert followed(found) == [
        "kind:measure",
        "word:子育て 支援",
        "prefecture:17",
        "amount:3000",
        "entry_type:no_application",
        "category:child_rearing",
        "category:health",
    ]
