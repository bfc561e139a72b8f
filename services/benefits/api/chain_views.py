"""How the chain of a grant is shown."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.benefits.api.cases import CaseView
from services.benefits.api.order_views import OrderView


class RuleView(BaseModel):
    """The rule in force: the version of the measure that was applied."""

    measure_id: UUID
    title: str
    version: int
    municipality_code: str
    eligibility: dict[str, Any]
    amount: dict[str, Any]
    allocate_by: date


class DecisionView(BaseModel):
    """A step of the application, with what was found by which rule."""

    revision: int
    act: str
    at: AwareDatetime
    actor: str
    approved_by: str | None
    version: int | None
    findings: list[dict[str, Any]]
    reason: str | None


class EvidenceView(BaseModel):
    """Something that was handed in, by its digest."""

    code: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: str
    handed_in_at: AwareDatetime


class EntryView(BaseModel):
    """An entry of the ledger: from ``credit`` to ``debit``."""

    id: UUID
    kind: str
    debit: str
    credit: str
    amount: int
    code: int
    actor: str
    approved_by: str | None
    created_at: AwareDatetime
    row_hash: str


class ChoiceView(BaseModel):
    """Where the points were to go, and what proved it."""

    id: UUID
    payment_service_code: str
    account_end: str
    chosen_by: str
    created_at: AwareDatetime
    assertion_hash: str | None
    asserted_at: AwareDatetime | None
    desk_id: UUID | None
    staff_id: UUID | None


class SaidView(BaseModel):
    """A fact that was said; letters follow from facts."""

    event_id: UUID
    type: str
    revision: int
    recorded_at: AwareDatetime


class ReadView(BaseModel):
    """Who looked, when and why."""

    at: AwareDatetime
    actor: str
    organisation_id: UUID | None
    what: str
    why: str


class ChainView(BaseModel):
    """Everything that made, moved or looked at a grant, in one answer."""

    order_id: UUID
    entitlement_id: UUID
    application_id: UUID
    amount: int
    state: str
    rule: RuleView
    evidence: list[EvidenceView]
    decisions: list[DecisionView]
    entries: list[EntryView]
    allocations: list[ChoiceView]
    orders: list[OrderView]
    cases: list[CaseView]
    facts: list[SaidView]
    reads: list[ReadView]
