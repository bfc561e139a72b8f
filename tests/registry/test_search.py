"""The search: the index gives the answers of its plain twin, whatever is asked and whatever changes."""

import os
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chassis.folding import fold, words_of
from contracts.values import EntryType, GrantType, Purpose
from services.registry.model.search.asked import FACETS, AgeGroup, Search, Sort, State
from services.registry.model.search.bits import bits_of, numbers_in
from services.registry.model.search.grams import Grams
from services.registry.model.search.index import Index
from services.registry.model.search.plain import Key, counts, find, key_of
from services.registry.model.search.public_measure import PublicMeasure, Status, public_measure
from tests.rig.measures import NOON, SERVICES, made, typed

#: The long variant looks through as many measures as the country may have.
_LONG = bool(os.environ.get("SEARCH_LONG"))
_MEASURES = 11_800 if _LONG else 150
_QUERIES = 5_000
_INSTANTS = [NOON + timedelta(days=n, hours=n) for n in (-70, -20, 0, 3, 30, 200)]


def measures(how_many: int, seed: int = 7) -> list[PublicMeasure]:
    chance = random.Random(seed)
    return [
        public_measure(
            fact.measure_id,
            fact.entry,
            chance.choice((*Status, Status.OPEN, Status.OPEN)),
            (fact.occurred_at, fact.occurred_at),
            None,
        )
        for fact in made(how_many, seed)
    ]


@pytest.fixture(scope="module")
def known() -> list[PublicMeasure]:
    return measures(_MEASURES)


@pytest.fixture(scope="module")
def index(known: list[PublicMeasure]) -> Index:
    return Index.of(known)


def some(chance: random.Random, values: list[str], rarely: float = 0.15) -> frozenset[str]:
    if chance.random() > rarely:
        return frozenset()
    return frozenset(chance.sample(values, chance.randint(1, min(3, len(values)))))


def any_search(chance: random.Random, known: list[PublicMeasure]) -> Search:
    place = chance.choice(known)
    near = chance.random() < 0.15
    return Search(
        words=words_of(typed(chance)) if chance.random() < 0.7 else (),
        state=some(chance, [str(s) for s in State], 0.4),
        prefecture=place.facets["prefecture"] if near else frozenset(),
        municipality=place.facets["municipality"]
        if near and chance.random() < 0.5
        else frozenset(),
        purpose=some(chance, [str(p) for p in Purpose]),
        entry_type=some(chance, [str(e) for e in EntryType]),
        grant_type=some(chance, [str(g) for g in GrantType]),
        service=some(chance, [code for code, _ in SERVICES]),
        age=some(chance, [str(a) for a in AgeGroup]),
        amount_from=chance.choice((None, None, None, 0, 1_000, 10_000)),
        amount_to=chance.choice((None, None, None, 0, 5_000, 30_000)),
        no_application=chance.random() < 0.05,
    )


def ids(found: list[PublicMeasure]) -> list[str]:
    return [str(measure.measure_id) for measure in found]


def test_five_thousand_questions_are_answered_as_a_scan_answers_them(
    known: list[PublicMeasure], index: Index
) -> None:
    chance = random.Random(1)
    hit = 0
    for number in range(_QUERIES):
        search, now = any_search(chance, known), _INSTANTS[number * len(_INSTANTS) // _QUERIES]
        sort, limit = chance.choice(list(Sort)), chance.choice((1, 5, 20))
        after = chance.choice((None, key_of(chance.choice(known), sort, search.words)))
        found = index.find(search, now)
        page = index.page(found, search, sort=sort, after=after, limit=limit)
        total, expected = find(known, search, now, sort=sort, after=after, limit=limit)
        assert (found.total, ids(page)) == (total, ids(expected)), search
        hit += bool(total)
    assert hit > _QUERIES / 4


def test_every_facet_is_counted_under_all_the_others(
    known: list[PublicMeasure], index: Index
) -> None:
    chance = random.Random(2)
    for _ in range(150):
        search, now = any_search(chance, known), chance.choice(_INSTANTS)
        found = index.find(search, now)
        assert {f: found.counts(f) for f in FACETS} == counts(known, search, now), search


def test_what_changes_is_found_as_it_is_now(known: list[PublicMeasure]) -> None:
    chance, changing = random.Random(3), Index()
    now, others = NOON, measures(120, seed=8)
    current = {measure.measure_id: measure for measure in measures(120, seed=9)}
    for measure in current.values():
        changing.put(measure)
    for turn in range(300):
        one = chance.choice(list(current.values()))
        other = replace(chance.choice(others), measure_id=one.measure_id)
        current[one.measure_id] = other
        changing.put(other)
        if turn % 3 == 0:
            search = any_search(chance, list(current.values()))
            found = changing.find(search, now)
            page = changing.page(found, search, sort=Sort.DEADLINE, after=None, limit=200)
            total, expected = find(current.values(), search, now)
            assert (found.total, ids(page)) == (total, ids(expected)), search


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_join_without_gap_and_without_repeat(index: Index, sort: Sort) -> None:
    search = Search(words=words_of("子育て"), state=frozenset(State))
    found = index.find(search, NOON)
    seen: list[PublicMeasure] = []
    after: Key | None = None
    while page := index.page(found, search, sort=sort, after=after, limit=7):
        seen += page
        after = key_of(page[-1], sort, search.words)
    assert len(seen) == found.total == len(set(ids(seen)))
    assert ids(seen) == ids(find(index, search, NOON, sort=sort)[1])


def test_time_alone_opens_the_last_week_and_ends_a_measure() -> None:
    [measure] = measures(1)
    begins, ends = NOON, NOON + timedelta(days=30)
    measure = replace(
        measure, status=Status.OPEN, apply_from=begins, apply_until=ends, automatic=True
    )
    index = Index()
    index.put(measure)

    def states(at: datetime) -> set[str]:
        every = Search(state=frozenset(State))
        return set(index.find(every, at).counts("state"))

    second = timedelta(seconds=1)
    assert states(begins - second) == {"soon"}
    assert states(begins) == {"open", "available"}
    assert states(ends - timedelta(days=7)) == {"open", "available", "closing"}
    assert states(ends - second) == {"open", "available", "closing"}
    assert states(ends) == {"ended"}
    assert states(begins) == {"open", "available"}
    index.put(replace(measure, used_up=True))
    assert states(begins) == {"open"}


@pytest.mark.parametrize(
    ("written", "typed_as"),
    [
        ("こだまコイン", "ｺﾀﾞﾏｺｲﾝ"),
        ("ひだまりPay", "ヒダマリＰＡＹ"),
        ("ウォーキング", "うぉ ー きんぐ"),
        ("霞ヶ関", "霞ケ関"),
        ("テレ‐ワーク", "テレーワーク"),
    ],
)
def test_kana_width_case_and_dashes_do_not_count(written: str, typed_as: str) -> None:
    assert fold(written) == fold(typed_as)


def test_words_that_say_nothing_are_none() -> None:
    assert words_of(" ・　︎ 子育て こそだて コソダテ") == ("子育テ", "コソダテ")


def test_long_words_that_many_texts_hold_are_found_as_a_scan_finds_them() -> None:
    chance = random.Random(3)
    texts = ["".join(chance.choices("あいうえ", k=chance.randint(0, 60))) for _ in range(400)]
    grams = Grams(worth=40)
    grams.fill(texts)
    for turn in range(3_000):
        if turn % 10 == 0:
            number = chance.randint(0, len(texts))
            text = "".join(chance.choices("あいうえお", k=chance.randint(0, 60)))
            texts[number : number + 1] = [text]
            grams.put(number, text)
        start = chance.choice(texts)
        at = chance.randint(0, len(start))
        word = start[at : at + chance.randint(1, 11)] or chance.choice(
            "あいうえお"
        ) * chance.randint(1, 9)
        holding = [n for n, text in enumerate(texts) if word in text]
        assert numbers_in(grams.holding(word)) == holding, word


def test_sets_of_bits_give_back_their_numbers() -> None:
    chance = random.Random(4)
    for size in (1, 9, 500, 5_000):
        for share in (0.0, 0.01, 0.5, 1.0):
            numbers = [n for n in range(size) if chance.random() < share]
            assert numbers_in(bits_of(numbers, size)) == numbers
