"""What the public lists show, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from contracts.registry import OrganisationEntry, PaymentServiceEntry
from contracts.values import GrantType, MunicipalityKind, OrganisationKind, PaymentServiceKind


class ListName(StrEnum):
    """The public lists, as their addresses call them."""

    MUNICIPALITIES = "municipalities"
    PROVIDERS = "providers"
    PAYMENT_SERVICES = "payment-services"
    PARTICIPATION = "participation"


class MunicipalityItem(BaseModel):
    """A municipality in the public list."""

    organisation_id: UUID
    code: str
    name: str
    name_kana: str
    municipality_kind: MunicipalityKind
    prefecture_code: str | None
    prefecture: str | None
    registered_on: date


class ProviderItem(BaseModel):
    """A payment provider in the public list."""

    organisation_id: UUID
    #: Corporate number.
    number: str
    name: str
    name_kana: str
    registered_on: date


class PaymentServiceItem(BaseModel):
    """A payment service in the public list."""

    payment_service_id: UUID
    code: str
    name: str
    name_kana: str
    kind: PaymentServiceKind
    grant_types: list[GrantType]
    receive_method: str | None
    provider_number: str | None
    provider_name: str | None
    terms_url: str | None
    registered_on: date


class ParticipationItem(BaseModel):
    """Whether a provider takes part in a fiscal year, in the public list."""

    provider_number: str
    provider_name: str
    fiscal_year: int
    participating: bool
    declared_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a public list, with what it is found and ordered by."""

    list: ListName
    subject_id: UUID
    code: str
    names: tuple[str, ...]
    item: BaseModel
    kind: str | None = None
    prefecture_code: str | None = None
    fiscal_year: int | None = None


def organisation_line(
    organisation_id: UUID, entry: OrganisationEntry, prefectures: Mapping[str, str]
) -> Line:
    """The line of a municipality or provider."""
    names = (entry.name, entry.name_kana, entry.code)
    if entry.organisation_kind is OrganisationKind.PROVIDER:
        provider = ProviderItem(
            organisation_id=organisation_id,
            number=entry.code,
            name=entry.name,
            name_kana=entry.name_kana,
            registered_on=entry.registered_on,
        )
        return Line(ListName.PROVIDERS, organisation_id, entry.code, names, provider)
    kind = entry.municipality_kind or MunicipalityKind.OTHER
    prefecture = prefectures.get(entry.prefecture_code or "")
    item = MunicipalityItem(
        organisation_id=organisation_id,
        code=entry.code,
        name=entry.name,
        name_kana=entry.name_kana,
        municipality_kind=kind,
        prefecture_code=entry.prefecture_code,
        prefecture=prefecture,
        registered_on=entry.registered_on,
    )
    return Line(
        ListName.MUNICIPALITIES,
        organisation_id,
        entry.code,
        ((prefecture or "") + entry.name, *names[1:]),
        item,
        kind=kind,
        prefecture_code=entry.prefecture_code,
    )


def service_line(payment_service_id: UUID, entry: PaymentServiceEntry, registered_on: date) -> Line:
    """The line of a payment service."""
    item = PaymentServiceItem(
        payment_service_id=payment_service_id,
        code=entry.code,
        name=entry.name,
        name_kana=entry.name_kana,
        kind=entry.kind,
        grant_types=list(entry.grant_types),
        receive_method=entry.receive_method,
        provider_number=entry.provider_number,
        provider_name=entry.provider_name,
        terms_url=entry.terms_url,
        registered_on=registered_on,
    )
    names = (entry.name, entry.name_kana, entry.code, entry.provider_name or "")
    return Line(
        ListName.PAYMENT_SERVICES, payment_service_id, entry.code, names, item, kind=entry.kind
    )


def participation_line(
    participation_id: UUID, provider: OrganisationEntry, item: ParticipationItem
) -> Line:
    """The line of a provider's answer for a fiscal year."""
    names = (provider.name, provider.name_kana, provider.code)
    return Line(
        ListName.PARTICIPATION,
        participation_id,
        provider.code,
        names,
        item,
        fiscal_year=item.fiscal_year,
    )
