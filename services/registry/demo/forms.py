"""Complete forms for the demo's organisations; everything in them but public names is invented."""

from typing import Any

from services.registry.model.checking import Guidelines
from services.registry.model.codes import DirectoryEntry
from services.registry.model.form import RegistrationForm

_HEADS = {
    "prefecture": "知事",
    "city": "市長",
    "ward": "区長",
    "town": "町長",
    "village": "村長",
    "consortium": "広域連合長",
}
_FAMILIES = (
    ("朝倉", "アサクラ"),
    ("泉", "イズミ"),
    ("梅沢", "ウメザワ"),
    ("榎本", "エノモト"),
    ("小川", "オガワ"),
    ("風間", "カザマ"),
    ("桐島", "キリシマ"),
)
_GIVEN = (
    ("みどり", "ミドリ"),
    ("ひろし", "ヒロシ"),
    ("あおい", "アオイ"),
    ("さとる", "サトル"),
    ("かな", "カナ"),
)


def _contact(number: int, department: str, domain: str) -> dict[str, str]:
    family, family_kana = _FAMILIES[number % len(_FAMILIES)]
    given, given_kana = _GIVEN[number // len(_FAMILIES) % len(_GIVEN)]
    return {
        "department": department,
        "name": f"{family} {given}",
        "kana": f"{family_kana} {given_kana}",
        "email": f"tantou{number % 10}@{domain}",
        "phone": f"050-0000-{number % 10000:04}",
    }


def _address(entry: DirectoryEntry) -> str:
    own = "" if entry.kind == "prefecture" else entry.county + entry.name
    return f"{entry.prefecture}{own}（デモ用の所在地）"


def municipality_form(entry: DirectoryEntry, guidelines: Guidelines) -> RegistrationForm:
    """The form of a real municipality with invented people in it."""
    number, domain = int(entry.code[:5]), f"c{entry.code}.example.jp"
    return _form(
        guideline={"accepted_version": guidelines.municipality},
        organisation={
            "code": entry.code,
            "municipality_kind": entry.kind,
            "name": entry.name,
            "name_kana": entry.name_kana,
            "head_title": _HEADS[entry.kind],
            "postal_code": "100-0001",
            "address": _address(entry),
        },
        contacts={
            "main": _contact(number, "企画課", domain),
            "deputy": _contact(number + 3, "企画課", domain),
        },
        plan={
            "measures_summary": "住民の暮らしを応援するポイントを予定しています。",
            "planned_budget_yen": str(10_000_000 + number % 90 * 1_000_000),
            "wanted_kinds": ["qr", "e_money", "regional_currency"],
        },
    )


def consortium_form(row: dict[str, Any], guidelines: Guidelines) -> RegistrationForm:
    """The form of an invented consortium."""
    domain = "kouiki.example.jp"
    return _form(
        guideline={"accepted_version": guidelines.municipality},
        organisation={
            "code": row["number"],
            "municipality_kind": "consortium",
            "constituents": row["constituents"],
            "name": row["name"],
            "name_kana": row["name_kana"],
            "head_title": _HEADS["consortium"],
            "postal_code": "923-0000",
            "address": "石川県（デモ用の所在地）",
        },
        contacts={"main": _contact(51, "総務課", domain), "deputy": _contact(54, "総務課", domain)},
        plan={"measures_summary": "構成する団体に共通のポイントを予定しています。"},
    )


def provider_form(row: dict[str, Any], guidelines: Guidelines) -> RegistrationForm:
    """The form of an invented provider."""
    number, domain = int(row["number"][-5:]), f"{row['services'][0]['code']}.example.jp"
    return _form(
        guideline={"accepted_version": guidelines.provider},
        organisation={
            "corporate_number": row["number"],
            "name": row["name"],
            "name_kana": row["name_kana"],
            "representative": "代表取締役 見本 太郎",
            "postal_code": "100-0001",
            "address": "東京都千代田区（デモ用の所在地）",
            "licences": row["licences"],
        },
        contacts={
            "main": _contact(number, "事業推進部", domain),
            "deputy": _contact(number + 2, "事業推進部", domain),
            "technical": _contact(number + 4, "システム部", domain),
        },
        compliance={
            "fraud_control": "取引を常に見守り、疑わしいものは止めて確かめます。",
            "invoice_registration_number": f"T{row['number']}",
            "bank_name": "みほん銀行",
            "bank_branch": "本店営業部",
            "account_kind": "ordinary",
            "account_number": f"{number % 10_000_000:07}",
            "account_holder_kana": row["name_kana"],
        },
        services=[_service(service, row["name"], domain) for service in row["services"]],
    )


def _service(row: dict[str, Any], provider: str, domain: str) -> dict[str, Any]:
    card = row["kind"] in ("credit", "debit", "prepaid", "e_money")
    return {
        **row,
        "account_id_label": "カード番号の下4けたと会員番号" if card else "会員番号",
        "account_id_pattern": "[0-9]{16}" if card else "[A-Z]{2}[0-9]{8}",
        "account_id_example": "0000111122223333" if card else "MP00112233",
        "receive_method": "user_action_required" if row["kind"] == "e_money" else "automatic",
        "grant_timing": "申込みの翌営業日",
        "point_expiry": "付与から1年",
        "min_grant": "1",
        "max_grant": "100000",
        "daily_cut_off": "17:00",
        "support_contact": f"{provider} お客さま相談窓口 050-0000-0000",
        "terms_url": f"https://{domain}/terms",
    }


def _form(**sections: Any) -> RegistrationForm:
    return RegistrationForm.model_validate(sections)
