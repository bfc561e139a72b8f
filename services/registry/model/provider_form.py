"""Judges the form of a payment provider (決済事業者) and its payment services."""

from enum import StrEnum

from services.registry.model import codes
from services.registry.model.application import ProviderApplication, ServiceDetails
from services.registry.model.findings import Findings
from services.registry.model.form import ComplianceSection, RegistrationForm
from services.registry.model.service_form import service_details
from services.registry.model.shared_form import shared_fields

MOST_SERVICES = 30


class Licence(StrEnum):
    """Under which law a provider may hold or move people's money."""

    PREPAID_OWN = "prepaid_own"
    PREPAID_THIRD_PARTY = "prepaid_third_party"
    FUNDS_TRANSFER = "funds_transfer"
    CREDIT = "credit"
    BANK = "bank"


class AccountKind(StrEnum):
    """Kind of bank account."""

    ORDINARY = "ordinary"
    CURRENT = "current"


def provider_application(
    form: RegistrationForm, found: Findings, *, guideline: str
) -> ProviderApplication | None:
    """The application, if nothing had to be noted."""
    before = len(found.errors)
    shared = shared_fields(form, found, guideline=guideline, technical=True)
    section, fields = form.organisation, found.within("organisation")
    number = codes.corporate_number(fields, "corporate_number", section.corporate_number)
    representative = fields.text(
        "representative", section.representative, "代表者の役職と氏名", longest=100
    )
    licences = fields.choices("licences", section.licences, "登録・免許", Licence, needed=False)
    compliance = _compliance(form.compliance, found.within("compliance"))
    services = _services(form, found)
    if len(found.errors) > before:
        return None
    return ProviderApplication.model_validate(
        {
            **shared,
            **compliance,
            "code": number,
            "representative": representative,
            "licences": tuple(licences),
            "services": services,
        }
    )


def _compliance(section: ComplianceSection, found: Findings) -> dict[str, object]:
    fraud = found.text("fraud_control", section.fraud_control, "不正利用への備え", longest=2000)
    kind = found.choice("account_kind", section.account_kind, "口座の種類", AccountKind)
    return {
        "fraud_control": fraud,
        "privacy_certificates": found.text(
            "privacy_certificates", section.privacy_certificates, "個人情報保護の認証", needed=False
        ),
        "invoice_registration_number": found.pattern(
            "invoice_registration_number",
            section.invoice_registration_number,
            "インボイスの登録番号",
            r"T[1-9][0-9]{12}",
            "インボイスの登録番号は、Tと数字13けたで入れてください。",
            needed=False,
        ),
        "bank_name": found.text("bank_name", section.bank_name, "銀行名", longest=50),
        "bank_branch": found.text("bank_branch", section.bank_branch, "支店名", longest=50),
        "account_kind": kind or "",
        "account_number": found.pattern(
            "account_number",
            section.account_number,
            "口座番号",
            r"[0-9]{7}",
            "口座番号は、数字7けたで入れてください。",
        ),
        "account_holder_kana": found.kana(
            "account_holder_kana", section.account_holder_kana, "口座名義のフリガナ"
        ),
    }


def _services(form: RegistrationForm, found: Findings) -> list[ServiceDetails]:
    if not form.services:
        found.wrong("services", "missing", "決済サービスを1つ以上入れてください。")
    if len(form.services) > MOST_SERVICES:
        found.wrong("services", "too_many", f"決済サービスは{MOST_SERVICES}件までです。")
    judged = [
        service_details(typed, found.within(f"services.{index}"))
        for index, typed in enumerate(form.services[:MOST_SERVICES])
    ]
    codes_seen: set[str] = set()
    for index, details in enumerate(judged):
        if details is not None and details.code in codes_seen:
            detail = (
                "このサービスコードは、ほかのサービスで使っています。別のコードにしてください。"
            )
            found.wrong(f"services.{index}.code", "service_code_doubled", detail)
        codes_seen.add(details.code if details else "")
    return [details for details in judged if details is not None]
