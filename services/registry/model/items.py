"""What the public lists show, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from contracts.registry import MatchEntry, OrganisationEntry, PaymentServiceEntry
from contracts.values import GrantType, MunicipalityKind, OrganisationKind, PaymentServiceKind


class ListName(StrEnum):
    """The public lists, as their addresses call them."""

    MUNICIPALITIES = "municipalities"
    PROVIDERS = "providers"
    PAYMENT_SERVICES = "payment-services"
    PARTICIPATION = "participation"
    MATCHES = "matches"


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


class MatchedItem(BaseModel):
    """A payment service of a match, in the public list."""

    payment_service_id: UUID
    code: str
    name: str
    grant_types: list[GrantType]


class MatchItem(BaseModel):
    """A match that a contract carries, in the public list."""

    match_id: UUID
    fiscal_year: int
    municipality_code: str
    municipality_name: str
    provider_number: str
    provider_name: str
    services: list[MatchedItem]
    since: date


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


def match_line(match_id: UUID, entry: MatchEntry, prefecture_code: str | None) -> Line:
    """The line of a match that a contract carries."""
    item = MatchItem(
        match_id=match_id,
        fiscal_year=entry.fiscal_year,
        municipality_code=entry.municipality_code,
        municipality_name=entry.municipality_name,
        provider_number=entry.provider_number,
        provider_name=entry.provider_name,
        services=[MatchedItem.model_validate(s.model_dump()) for s in entry.services],
        since=entry.since,
    )
    words = [entry.municipality_name, entry.municipality_code, entry.provider_name]
    return Line(
        ListName.MATCHES,
        match_id,
        f"{entry.municipality_code} {entry.provider_number}",
        (*words, entry.provider_number, *(s.name for s in entry.services)),
        item,
        prefecture_code=prefecture_code,
        fiscal_year=entry.fiscal_year,
    )
