"""A registration as it was handed in: checked, in the form the register keeps it."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.registry import OrganisationEntry
from contracts.values import (
    CorporateNumber,
    GrantType,
    MunicipalityKind,
    OrganisationKind,
    PaymentServiceKind,
)


class Part(BaseModel):
    """A piece of a checked application."""

    model_config = ConfigDict(frozen=True)


class Contact(Part):
    """A person to write to or call; personal data, shown to the organisation and the secretariat only."""

    department: str
    name: str
    kana: str
    email: str
    phone: str


class MunicipalityApplication(Part):
    """What a municipality (自治体等) asks to be registered with."""

    organisation_kind: Literal[OrganisationKind.MUNICIPALITY] = OrganisationKind.MUNICIPALITY
    guideline_version: str
    code: str
    name: str
    name_kana: str
    municipality_kind: MunicipalityKind
    prefecture_code: str | None
    constituents: tuple[str, ...]
    postal_code: str
    address: str
    head_title: str
    budget_approved_on: date | None
    main_contact: Contact
    deputy_contact: Contact
    measures_summary: str
    planned_budget_yen: int | None
    wanted_kinds: tuple[PaymentServiceKind, ...]
    invoice_address: str


class ServiceDetails(Part):
    """A payment service (決済サービス) as municipalities and residents need to know it."""

    code: str
    name: str
    name_kana: str
    kind: PaymentServiceKind
    grant_types: tuple[GrantType, ...]
    account_id_label: str
    account_id_pattern: str
    account_id_example: str
    security_code_label: str
    receive_method: Literal["automatic", "user_action_required"]
    grant_timing: str
    point_expiry: str
    area_limits: str
    min_grant: int | None
    max_grant: int | None
    daily_cut_off: str
    application_deadline_days: int
    support_contact: str
    terms_url: str
    special_terms_version: str
    launch_url: str | None


class ProviderApplication(Part):
    """What a payment provider (決済事業者) asks to be registered with."""

    organisation_kind: Literal[OrganisationKind.PROVIDER] = OrganisationKind.PROVIDER
    guideline_version: str
    code: CorporateNumber
    name: str
    name_kana: str
    representative: str
    postal_code: str
    address: str
    licences: tuple[str, ...]
    main_contact: Contact
    deputy_contact: Contact
    technical_contact: Contact
    fraud_control: str
    privacy_certificates: str
    invoice_registration_number: str
    bank_name: str
    bank_branch: str
    account_kind: str
    account_number: str
    account_holder_kana: str
    services: tuple[ServiceDetails, ...]


Application = Annotated[
    MunicipalityApplication | ProviderApplication, Field(discriminator="organisation_kind")
]
_ADAPTER: TypeAdapter[MunicipalityApplication | ProviderApplication] = TypeAdapter(Application)


def application_from(stored: str | bytes) -> MunicipalityApplication | ProviderApplication:
    """The application as it was stored."""
    return _ADAPTER.validate_json(stored)


def entry_of(
    application: MunicipalityApplication | ProviderApplication, registered_on: date
) -> OrganisationEntry:
    """The public entry: what of an application everybody may read, and nothing else."""
    shared: dict[str, Any] = {
        "organisation_kind": application.organisation_kind,
        "code": application.code,
        "name": application.name,
        "name_kana": application.name_kana,
        "registered_on": registered_on,
    }
    if isinstance(application, MunicipalityApplication):
        shared["municipality_kind"] = application.municipality_kind
        shared["prefecture_code"] = application.prefecture_code
        shared["constituents"] = application.constituents
    return OrganisationEntry(**shared)
