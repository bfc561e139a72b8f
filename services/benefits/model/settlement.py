"""The monthly settlement (精算) of a measure between a municipality and a provider."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Forbidden, Stale
from contracts.values import OrganisationKind


class SettlementState(StrEnum):
    """How far a month is settled."""

    OPEN = "open"
    CLOSED = "closed"
    STATEMENT_ISSUED = "statement_issued"
    CONFIRMED_BY_PROVIDER = "confirmed_by_provider"
    APPROVED_BY_MUNICIPALITY = "approved_by_municipality"
    INVOICED = "invoiced"
    PAID = "paid"


_S = SettlementState
#: What follows what, and whose act it is.
STEPS: dict[SettlementState, tuple[SettlementState, OrganisationKind | None]] = {
    _S.OPEN: (_S.CLOSED, None),
    _S.CLOSED: (_S.STATEMENT_ISSUED, None),
    _S.STATEMENT_ISSUED: (_S.CONFIRMED_BY_PROVIDER, OrganisationKind.PROVIDER),
    _S.CONFIRMED_BY_PROVIDER: (_S.APPROVED_BY_MUNICIPALITY, OrganisationKind.MUNICIPALITY),
    _S.APPROVED_BY_MUNICIPALITY: (_S.INVOICED, OrganisationKind.PROVIDER),
    _S.INVOICED: (_S.PAID, OrganisationKind.MUNICIPALITY),
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a provider granted for a measure in a month, less what was taken back in it."""

    id: UUID
    municipality_id: UUID
    provider_id: UUID
    measure_id: UUID
    #: The first day of the month.
    month: date
    state: SettlementState
    grants: int
    granted: int
    reversals: int
    reversed: int
    version: int

    @property
    def total(self) -> int:
        """What is to be paid; taken back after a close, it may be less than nothing."""
        return self.granted - self.reversed

    def expected(self, version: int | None) -> "Settlement":
        """This settlement, if it is still the version the client saw."""
        if version is not None and version != self.version:
            detail = (
                "ほかの方が先に進めました。いまの内容を読み直してから、もう一度お試しください。"
            )
            raise Stale("version-stale", detail)
        return self

    def moved(self, becomes: SettlementState, by: OrganisationKind | None) -> "Settlement":
        """One step on, by whose turn it is."""
        following = STEPS.get(self.state)
        if following is None or following[0] is not becomes:
            detail = "この精算は、いまその手続きの段階ではありません。内容を読み直してください。"
            raise Conflict("settlement-state", detail)
        if following[1] is not by:
            detail = "この手続きは、相手の団体が行います。しばらくお待ちください。"
            raise Forbidden("settlement-other-side", detail)
        return replace(self, state=becomes, version=self.version + 1)


def month_of(day: date) -> date:
    """The first day of the month ``day`` lies in."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month that follows."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
