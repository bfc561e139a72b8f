"""What the registry says of organisations: their registrations, and their public entries."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.event import Fact
from contracts.values import MunicipalityKind, OrganisationKind


class OrganisationEntry(BaseModel):
    """The public entry of a registered organisation, as the public list shows it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    organisation_kind: OrganisationKind
    #: Municipality code (6 digits) or corporate number (13 digits).
    code: str
    name: str
    name_kana: str
    municipality_kind: MunicipalityKind | None = None
    prefecture_code: str | None = None
    #: Codes of the municipalities a consortium stands for.
    constituents: tuple[str, ...] = ()
    registered_on: date


class OrganisationFact(Fact):
    """A fact about one organisation's registration."""

    organisation_id: UUID


class RegistrationSubmitted(OrganisationFact):
    """The organisation handed in its registration (登録申請), first or again."""

    type: ClassVar[str] = "registry.organisation.submitted.v1"
    reference: str
    #: The guideline that was accepted with it, and its version: ``provider-guideline/2023-05-26``.
    accepted_guideline: str | None = None


class ReviewStarted(OrganisationFact):
    """The secretariat took the registration up."""

    type: ClassVar[str] = "registry.organisation.review_started.v1"
    reference: str


class RegistrationReturned(OrganisationFact):
    """The secretariat asks for corrections (修正依頼) until a day."""

    type: ClassVar[str] = "registry.organisation.returned.v1"
    reference: str
    message: str
    correct_by: date


class RegistrationRejected(OrganisationFact):
    """The secretariat refused the registration (不登録)."""

    type: ClassVar[str] = "registry.organisation.rejected.v1"
    reference: str
    message: str


class RegistrationWithdrawn(OrganisationFact):
    """The organisation took its unfinished registration back."""

    type: ClassVar[str] = "registry.organisation.application_withdrawn.v1"
    reference: str


class ChangeRequested(OrganisationFact):
    """A registered organisation asks to have its registered data altered (変更申請)."""

    type: ClassVar[str] = "registry.organisation.change_requested.v1"
    change_request_id: UUID


class ChangeApproved(OrganisationFact):
    """The secretariat granted a change request; what of it is public is said beside this."""

    type: ClassVar[str] = "registry.organisation.change_approved.v1"
    change_request_id: UUID


class ChangeRejected(OrganisationFact):
    """The secretariat did not grant a change request; the entry stays as it was."""

    type: ClassVar[str] = "registry.organisation.change_rejected.v1"
    change_request_id: UUID
    message: str


class PublicOrganisationFact(OrganisationFact):
    """A fact that changes the public list; ``effective_on`` is the day from which it is true."""

    feeds: ClassVar[tuple[str, ...]] = ("registry",)
    effective_on: date
    entry: OrganisationEntry


class OrganisationRegistered(PublicOrganisationFact):
    """The organisation is registered and stands in the public list."""

    type: ClassVar[str] = "registry.organisation.registered.v1"
    reference: str


class OrganisationChanged(PublicOrganisationFact):
    """An approved change request altered the entry; ``changed`` names the fields."""

    type: ClassVar[str] = "registry.organisation.changed.v1"
    changed: tuple[str, ...]


class OrganisationSuspended(PublicOrganisationFact):
    """The registration rests (停止中); the entry stays in history, not in the list."""

    type: ClassVar[str] = "registry.organisation.suspended.v1"
    reason: str


class OrganisationResumed(PublicOrganisationFact):
    """A resting registration counts again."""

    type: ClassVar[str] = "registry.organisation.resumed.v1"


class OrganisationWithdrawn(PublicOrganisationFact):
    """The organisation left the register (辞退)."""

    type: ClassVar[str] = "registry.organisation.withdrawn.v1"
    reason: str
