"""What the registry says of matches (マッチング): a municipality and a provider work together in a year."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.event import Fact
from contracts.values import FiscalYear, GrantType, OrganisationKind


class MatchedService(BaseModel):
    """A payment service in a match."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    payment_service_id: UUID
    code: str
    name: str
    grant_types: tuple[GrantType, ...]


class MatchEntry(BaseModel):
    """The public entry of a match that a contract carries."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    municipality_id: UUID
    municipality_code: str
    municipality_name: str
    provider_id: UUID
    provider_number: str
    provider_name: str
    fiscal_year: FiscalYear
    services: tuple[MatchedService, ...]
    since: date


class MatchFact(Fact):
    """A fact about one match; between the two sides until a contract carries it."""

    match_id: UUID
    municipality_id: UUID
    provider_id: UUID
    fiscal_year: FiscalYear


class MatchProposed(MatchFact):
    """One side proposed to work together; the other answers until a day."""

    type: ClassVar[str] = "registry.match.proposed.v1"
    by: OrganisationKind
    answer_by: date


class MatchAccepted(MatchFact):
    """The other side agreed; the contract is prepared next."""

    type: ClassVar[str] = "registry.match.accepted.v1"


class MatchDeclined(MatchFact):
    """The other side said no."""

    type: ClassVar[str] = "registry.match.declined.v1"
    reason: str


class MatchWithdrawn(MatchFact):
    """One side took it back before a contract carried it."""

    type: ClassVar[str] = "registry.match.withdrawn.v1"
    by: OrganisationKind
    reason: str


class MatchExpired(MatchFact):
    """Nobody answered in time."""

    type: ClassVar[str] = "registry.match.expired.v1"


class PublicMatchFact(MatchFact):
    """A fact that changes the public list of matches; true from ``effective_on``."""

    feeds: ClassVar[tuple[str, ...]] = ("registry",)
    effective_on: date
    entry: MatchEntry


class MatchActivated(PublicMatchFact):
    """A concluded contract carries it: measures may name its services."""

    type: ClassVar[str] = "registry.match.activated.v1"


class MatchChanged(PublicMatchFact):
    """The entry is different; ``changed`` names the fields."""

    type: ClassVar[str] = "registry.match.changed.v1"
    changed: tuple[str, ...]


class MatchEnded(PublicMatchFact):
    """It carries nothing from that day on."""

    type: ClassVar[str] = "registry.match.ended.v1"
    reason: str
