"""What the rules of the ledger come to without a database: ids, balances, shares."""

from uuid import UUID, uuid5

import pytest

from services.benefits.model.ledger import (
    LANES,
    Balance,
    Code,
    Entry,
    Kind,
    Transfer,
    folded,
    shared,
    transfer_id,
)

_ONE, _TWO, _THREE, _FOUR = (UUID(int=number) for number in range(1, 5))


def test_the_same_key_is_the_same_id_for_ever() -> None:
    namespace = UUID("5d1f2c7e-5b5e-5e0b-9d5c-2f2f5b8f7a10")
    assert transfer_id("application/1") == uuid5(namespace, "application/1")
    assert transfer_id("application/1") != transfer_id("application/2")


def _transfer(**other: object) -> Transfer:
    given: dict[str, object] = {
        "key": "key",
        "ledger": 1,
        "debit": 2,
        "credit": 3,
        "amount": 4,
        "code": Code.APPLY,
        "business_ref": _ONE,
        "actor": "resident/1",
    }
    return Transfer(**given | other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {"ledger": 9},
        {"debit": 9},
        {"credit": 9},
        {"debit": 3, "credit": 2},
        {"amount": 9},
        {"code": Code.ORDER},
        {"business_ref": _TWO},
        {"kind": Kind.PENDING},
        {"pending_id": _TWO},
        {"reverses": _TWO},
    ],
)
def test_another_content_is_told_from_the_same(other: dict[str, object]) -> None:
    assert _transfer(**other).request_hash != _transfer().request_hash


def test_who_asked_does_not_make_another_content() -> None:
    again = _transfer(actor="service/benefits", approved_by="member/2")
    assert again.request_hash == _transfer().request_hash


def test_balances_are_what_the_entries_come_to_in_their_order() -> None:
    entries = [
        Entry(_ONE, Kind.SINGLE, 10, 20, 100, None),
        Entry(_TWO, Kind.PENDING, 30, 10, 60, None),
        Entry(_THREE, Kind.PENDING, 30, 10, 5, None),
    ]
    assert folded(entries) == {
        10: Balance(debits_posted=100, credits_pending=65),
        20: Balance(credits_posted=100),
        30: Balance(debits_pending=65),
    }
    # A part of the promise is made good and the rest is free; the other promise is let go.
    entries += [
        Entry(_FOUR, Kind.POST, 30, 10, 40, _TWO),
        Entry(UUID(int=5), Kind.VOID, 30, 10, 5, _THREE),
        Entry(UUID(int=6), Kind.REVERSAL, 10, 30, 7, None),
    ]
    assert folded(entries) == {
        10: Balance(debits_posted=107, credits_posted=40),
        20: Balance(credits_posted=100),
        30: Balance(debits_posted=40, credits_posted=7),
    }
    with pytest.raises(KeyError):
        folded([*entries, Entry(UUID(int=7), Kind.POST, 30, 10, 1, _TWO)])


@pytest.mark.parametrize(
    ("total", "unit", "lanes", "parts"),
    [
        (10, 3, 4, [4, 3, 3, 0]),
        (7, 2, 2, [5, 2]),
        (8, 2, 2, [4, 4]),
        (0, 5, 3, [0, 0, 0]),
        (4, 5, 3, [4, 0, 0]),
    ],
)
def test_a_budget_is_shared_in_whole_units(
    total: int, unit: int, lanes: int, parts: list[int]
) -> None:
    assert shared(total, unit, lanes) == parts


def test_a_measure_has_sixteen_lanes() -> None:
    assert len(shared(1_000, 1)) == LANES == 16
