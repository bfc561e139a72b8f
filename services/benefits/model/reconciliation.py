"""What a line of a provider's statement (明細) means beside our order and its answers; no I/O.

Only a class with one possible reading is closed by rule. Everything else becomes a case with an owner and an age.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.benefits.model.saga import PAID, RELEASED, OrderState

#: A line may lie in the statement of a neighbouring day; after so many days without one it is missing.
GRACE = timedelta(days=1)


class MatchClass(StrEnum):
    """How a line and an order stand to each other."""

    MATCHED = "matched"
    #: We know a grant, their statement has no line for it.
    MISSING_THERE = "missing_there"
    #: Their statement has a line, we know no grant.
    MISSING_HERE = "missing_here"
    AMOUNT = "amount"
    DOUBLE = "double"
    WRONG_PERSON = "wrong_person"
    DATE_SHIFT = "date_shift"


class Remedy(StrEnum):
    """What follows from a class."""

    #: Both sides agree; open cases of the order are closed by it.
    AGREE = "agree"
    #: The line says what no answer said: the order is granted by it.
    GRANT = "grant"
    #: The points were granted after the reservation had gone and nobody used them otherwise: they are taken on.
    ADOPT = "adopt"
    #: A person decides.
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Ours:
    """An order as we know it."""

    state: OrderState
    amount: int
    resident_ref: str
    granted_on: date | None
    transaction_id: str | None
    #: Whether the entitlement waits for a choice, so that a late grant can still take its place.
    free: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A grant as the provider's statement has it."""

    amount: int
    resident_ref: str
    granted_on: date
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a line is, and what follows."""

    match_class: MatchClass
    remedy: Remedy


def compare(ours: Ours | None, line: Line) -> Finding:
    """What a line means; ``ours`` is None when no order of this provider has the number it names."""
    if ours is None:
        return Finding(MatchClass.MISSING_HERE, Remedy.CASE)
    if line.resident_ref != ours.resident_ref:
        return Finding(MatchClass.WRONG_PERSON, Remedy.CASE)
    if line.amount != ours.amount:
        return Finding(MatchClass.AMOUNT, Remedy.CASE)
    if ours.transaction_id not in (None, line.transaction_id):
        return Finding(MatchClass.DOUBLE, Remedy.CASE)
    if ours.state in RELEASED:
        remedy = Remedy.ADOPT if ours.free else Remedy.CASE
        return Finding(MatchClass.MISSING_HERE, remedy)
    return _agreeing(ours, line)


def _agreeing(ours: Ours, line: Line) -> Finding:
    if ours.state not in PAID:
        sent = ours.state not in (OrderState.RESERVED, OrderState.QUEUED)
        remedy = Remedy.GRANT if sent else Remedy.CASE
        return Finding(MatchClass.MISSING_HERE, remedy)
    if ours.granted_on != line.granted_on:
        return Finding(MatchClass.DATE_SHIFT, Remedy.AGREE)
    return Finding(MatchClass.MATCHED, Remedy.AGREE)


def is_missing(granted_on: date, last_statement: date) -> bool:
    """Whether a grant without a line is missing there, once statements reach to a day."""
    return last_statement >= granted_on + GRACE
