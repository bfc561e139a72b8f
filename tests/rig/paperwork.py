"""What applicants hand in: organisations that do not exist, with numbers that could."""

import csv
import io
import random
import secrets
import zipfile
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from deploy.local.places import ROOT

_DIRECTORY = ROOT / "services/registry/data/municipalities.csv"
_DEMO = ROOT / "services/registry/demo/register.json"
_NUMBERS = count(1)
_DIGITS_KANA = ["ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ"]

#: The smallest file that is a PDF.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: Office files by their media type, and the part that tells which they are.
OFFICE = {
    f"{_OFFICE}spreadsheetml.sheet": "xl/workbook.xml",
    f"{_OFFICE}wordprocessingml.document": "word/document.xml",
}


def office_file(member: str) -> bytes:
    """The smallest office file with ``member`` in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("[Content_Types].xml", member):
            archive.writestr(name, "<x/>")
    return content.getvalue()


@dataclass(frozen=True, slots=True)
class Body:
    """A body of the country's list."""

    code: str
    kind: str
    name: str
    name_kana: str
    county: str
    prefecture_code: str
    prefecture: str


@dataclass(slots=True)
class Applicant:
    """An organisation, and the person in it who does the paperwork."""

    kind: str
    code: str
    name: str
    name_kana: str
    email: str
    body: Body | None = None
    password: str = "青い海と三つの峠をこえて行く"
    sign_in_id: str = ""
    organisation_id: str = ""
    #: What the portal has acknowledged, in order.
    acknowledged: list[str] = field(default_factory=list)

    def request(self, guideline: str) -> dict[str, str]:
        """The form of an account request."""
        return {
            "organisation_kind": self.kind,
            "organisation_name": self.name,
            "organisation_code": self.code,
            "department": "総務部デジタル推進課",
            "contact_name": "山田 花子",
            "contact_kana": "ヤマダ ハナコ",
            "email": self.email,
            "phone": "098-866-2333",
            "guideline_version": guideline,
        }


def municipality(body: Body | None = None) -> Applicant:
    """A municipality nobody applied for yet."""
    body = body or _unused()
    return Applicant(
        "municipality", body.code, body.name, body.name_kana, _address(body.code), body
    )


def provider() -> Applicant:
    """A payment provider with a number of its own."""
    number = next(_NUMBERS)
    kana = "".join(_DIGITS_KANA[int(digit)] for digit in str(number))
    return Applicant(
        "provider",
        corporate_number(),
        f"株式会社みほんペイ{number}号",
        f"カブシキガイシャミホンペイ{kana}ゴウ",
        _address(f"pay{number}"),
    )


def corporate_number() -> str:
    """A corporate number with the right first digit, of nobody the demo data know."""
    digits = "9" + "".join(secrets.choice("0123456789") for _ in range(11))
    total = sum(int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits)))
    return f"{9 - total % 9}{digits}"


def _address(word: str) -> str:
    return f"tantou.{word}.{secrets.token_hex(4)}@lg.example.jp"


@cache
def directory() -> tuple[Body, ...]:
    """Every prefecture and municipality."""
    with _DIRECTORY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(Body(**{name: row[name] for name in Body.__slots__}) for row in rows)


_VILLAGES: list[Body] = []


def _unused() -> Body:
    if not _VILLAGES:
        # Those the demo data do not speak of; by chance, because a stack may be used again.
        told = _DEMO.read_text(encoding="utf-8")
        small = (b for b in directory() if b.kind in ("village", "town"))
        _VILLAGES.extend(b for b in small if f'"{b.code}"' not in told)
        random.SystemRandom().shuffle(_VILLAGES)
    return _VILLAGES.pop()


def sections(applicant: Applicant, guideline: str) -> dict[str, Any]:
    """The registration form, filled in as it should be."""
    filled = _municipality_sections if applicant.kind == "municipality" else _provider_sections
    return {
        "guideline": {"accepted_version": guideline},
        "contacts": _contacts(applicant),
        **filled(applicant),
    }


def _municipality_sections(applicant: Applicant) -> dict[str, Any]:
    assert applicant.body is not None
    return {
        "organisation": {
            "code": applicant.code,
            "municipality_kind": applicant.body.kind,
            "name": applicant.name,
            "name_kana": applicant.name_kana,
            "postal_code": "900-8570",
            "address": f"{applicant.body.prefecture}{applicant.name}中央1丁目1番1号",
            "head_title": "村長" if applicant.body.kind == "village" else "町長",
            "budget_approved_on": "令和5年3月20日",
        },
        "plan": {
            "measures_summary": "子育て世帯へのポイント給付を予定しています。",
            "planned_budget_yen": "12,000,000円",
            "wanted_kinds": ["qr", "prepaid"],
            "invoice_address": "会計課",
        },
    }


def _provider_sections(applicant: Applicant) -> dict[str, Any]:
    code = f"mihon-{secrets.token_hex(4)}"
    return {
        "organisation": {
            "corporate_number": applicant.code,
            "name": applicant.name,
            "name_kana": applicant.name_kana,
            "postal_code": "100-0001",
            "address": "東京都千代田区千代田1番1号",
            "representative": "代表取締役 見本太郎",
            "licences": [],
        },
        "compliance": {
            "fraud_control": "本人確認と取引の監視をしています。",
            "privacy_certificates": "プライバシーマーク",
            "bank_name": "みほん銀行",
            "bank_branch": "本店",
            "account_kind": "ordinary",
            "account_number": "1234567",
            "account_holder_kana": "カ・ミホンペイ",
        },
        "services": [payment_service(code, applicant)],
    }


def payment_service(code: str, applicant: Applicant) -> dict[str, Any]:
    """A payment service as a provider describes it."""
    return {
        "code": code,
        "name": f"{applicant.name}のペイ",
        "name_kana": "ミホンペイ",
        "kind": "qr",
        "grant_types": ["fixed"],
        "account_id_label": "会員番号",
        "account_id_pattern": "[0-9]{8}",
        "account_id_example": "20230412",
        "receive_method": "automatic",
        "grant_timing": "申込みの翌月末まで",
        "daily_cut_off": "17:00",
        "min_grant": "1",
        "max_grant": "50000",
        "application_deadline_days": "7",
        "support_contact": "0120-000-000",
        "terms_url": "https://pay.example.jp/terms",
    }


def _contacts(applicant: Applicant) -> dict[str, Any]:
    person = {
        "department": "デジタル推進課",
        "name": "山田 花子",
        "kana": "ヤマダ ハナコ",
        "email": applicant.email,
        "phone": "098-866-2333",
    }
    deputy = {**person, "name": "佐藤 次郎", "kana": "サトウ ジロウ"}
    contacts = {"main": person, "deputy": {**deputy, "email": f"deputy.{applicant.email}"}}
    if applicant.kind == "provider":
        contacts["technical"] = {**deputy, "email": f"tech.{applicant.email}"}
    return contacts
