"""The registration form as it is typed: kept in full, judged only when it is handed in."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Short = Annotated[str, StringConstraints(max_length=200)]
Long = Annotated[str, StringConstraints(max_length=2000)]


class Section(BaseModel):
    """A page of the form. Everything is text as typed, so that nothing typed is ever lost."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GuidelineSection(Section):
    """要領の確認: which version of the registration guideline was read and accepted."""

    accepted_version: Short = ""


class OrganisationSection(Section):
    """団体の情報: municipalities fill in the upper half, providers the lower; both the middle."""

    code: Short = ""
    municipality_kind: Short = ""
    constituents: list[Short] = []
    head_title: Short = ""
    budget_approved_on: Short = ""

    name: Short = ""
    name_kana: Short = ""
    postal_code: Short = ""
    address: Short = ""

    corporate_number: Short = ""
    representative: Short = ""
    licences: list[Short] = []


class ContactFields(Section):
    """One contact person."""

    department: Short = ""
    name: Short = ""
    kana: Short = ""
    email: Short = ""
    phone: Short = ""


class ContactsSection(Section):
    """担当者: two persons, and for providers one who knows the systems."""

    main: ContactFields = ContactFields()
    deputy: ContactFields = ContactFields()
    technical: ContactFields = ContactFields()


class PlanSection(Section):
    """実施の予定 (municipalities): what is planned and where invoices go."""

    measures_summary: Long = ""
    planned_budget_yen: Short = ""
    wanted_kinds: list[Short] = []
    invoice_address: Long = ""


class ComplianceSection(Section):
    """管理の体制 (providers): fraud control, privacy, where money is paid to."""

    fraud_control: Long = ""
    privacy_certificates: Short = ""
    invoice_registration_number: Short = ""
    bank_name: Short = ""
    bank_branch: Short = ""
    account_kind: Short = ""
    account_number: Short = ""
    account_holder_kana: Short = ""


class PaymentServiceFields(Section):
    """決済サービス (providers): one payment service, as residents and municipalities will see it."""

    code: Short = ""
    name: Short = ""
    name_kana: Short = ""
    kind: Short = ""
    grant_types: list[Short] = []
    account_id_label: Short = ""
    account_id_pattern: Short = ""
    account_id_example: Short = ""
    security_code_label: Short = ""
    receive_method: Short = ""
    grant_timing: Short = ""
    point_expiry: Short = ""
    area_limits: Long = ""
    min_grant: Short = ""
    max_grant: Short = ""
    daily_cut_off: Short = ""
    application_deadline_days: Short = ""
    support_contact: Short = ""
    terms_url: Short = ""
    special_terms_version: Short = ""
    launch_url: Short = ""


class RegistrationForm(Section):
    """The whole form. Sections that do not concern a kind of organisation stay empty."""

    guideline: GuidelineSection = GuidelineSection()
    organisation: OrganisationSection = OrganisationSection()
    contacts: ContactsSection = ContactsSection()
    plan: PlanSection = PlanSection()
    compliance: ComplianceSection = ComplianceSection()
    services: list[PaymentServiceFields] = []

    def with_sections(self, **sections: object) -> "RegistrationForm":
        """The form with whole sections replaced; a section that is None stays as it was."""
        return self.model_copy(update={k: v for k, v in sections.items() if v is not None})
