"""What the registry says of yearly participation (事業参画)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.event import Fact
from contracts.values import FiscalYear


class ParticipationDeclared(Fact):
    """A provider said whether it takes part (事業参画) in a fiscal year, or changed its answer."""

    type: ClassVar[str] = "registry.participation.declared.v1"
    feeds: ClassVar[tuple[str, ...]] = ("registry",)
    participation_id: UUID
    provider_id: UUID
    fiscal_year: FiscalYear
    participating: bool
    effective_on: date
