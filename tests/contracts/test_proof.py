"""A proof is for exactly one thing, and for two minutes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.proof import Proof, Purpose, apply_target, link_target

_READ = datetime(2023, 11, 30, 2, 20, tzinfo=UTC)
_ONE, _OTHER = UUID(int=1), UUID(int=2)


def proof(**changed: object) -> Proof:
    fields: dict[str, object] = {
        "proof_id": UUID(int=9),
        "resident_id": _ONE,
        "purpose": "link",
        "target": link_target(_ONE, "R5-S-001", "ab" * 32),
        "assertion_hash": "cd" * 32,
        "asserted_at": _READ,
    }
    return Proof.model_validate(fields | changed)


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (0, True), (120, True), (121, False)])
def test_a_proof_is_good_for_two_minutes(seconds: int, good: bool) -> None:
    at = _READ + timedelta(seconds=seconds)
    assert proof().covers(Purpose.LINK, proof().target, at) is good


def test_a_proof_covers_its_own_purpose_and_target_alone() -> None:
    other = link_target(_OTHER, "R5-S-001", "ab" * 32)
    assert not proof().covers(Purpose.LINK, other, _READ)
    assert not proof().covers(Purpose.APPLY, proof().target, _READ)
    assert proof(purpose="apply", target=apply_target(_ONE, _OTHER)).covers(
        Purpose.APPLY, f"apply/{_ONE}/{_OTHER}", _READ
    )


def test_a_proof_goes_and_comes_back_as_it_was() -> None:
    person = {
        "person_id": _OTHER,
        "name": "小松 はる",
        "name_kana": "コマツ ハル",
        "birth_on": "2016-04-02",
        "municipality_code": "172031",
        "address": "石川県小松市小馬出町91",
    }
    made = proof(purpose="apply", target=apply_target(_ONE, _OTHER), person=person)
    assert Proof.model_validate_json(made.model_dump_json()) == made
