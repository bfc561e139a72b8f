"""What benefits says of providers' statements (明細)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.event import Fact


class StatementFact(Fact):
    """A fact about one statement."""

    statement_id: UUID
    provider_id: UUID
    day: date


class StatementReceived(StatementFact):
    """A provider handed in what it granted."""

    type: ClassVar[str] = "benefits.statement.received.v1"
    lines: int
    total: int


class StatementCompared(StatementFact):
    """Every line was held against the ledger and the answers; ``classes`` counts how they came out."""

    type: ClassVar[str] = "benefits.statement.compared.v1"
    classes: dict[str, int]
    cases: int
