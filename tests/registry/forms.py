"""Forms that can be handed in as they are; tests spoil one thing at a time."""

import copy
from typing import Any

from services.registry.model.checking import Guidelines

GUIDELINES = Guidelines(municipality="2023-04-12", provider="2023-05-26")
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def contact(name: str, kana: str, email: str) -> dict[str, str]:
    """A contact person."""
    return {
        "department": "総務課",
        "name": name,
        "kana": kana,
        "email": email,
        "phone": "0761-00-0000",
    }


_MUNICIPALITY: dict[str, Any] = {
    "guideline": {"accepted_version": "2023-04-12"},
    "organisation": {
        "code": "172031",
        "municipality_kind": "city",
        "name": "小松市",
        "name_kana": "こまつし",
        "head_title": "市長",
        "budget_approved_on": "令和5年9月25日",
        "postal_code": "9238650",
        "address": "石川県小松市小馬出町91番地",
    },
    "contacts": {
        "main": contact("北 すみれ", "キタ スミレ", "kita@city.komatsu.example.jp"),
        "deputy": contact("森田 進", "モリタ ススム", "morita@city.komatsu.example.jp"),
    },
    "plan": {
        "measures_summary": "子育て世帯への応援ポイント",
        "planned_budget_yen": "１２，０００，０００円",
        "wanted_kinds": ["qr", "e_money"],
    },
}

_SERVICE: dict[str, Any] = {
    "code": "nagisa-money",
    "name": "なぎさマネー",
    "name_kana": "ナギサマネー",
    "kind": "e_money",
    "grant_types": ["fixed", "charge_rate"],
    "account_id_label": "会員番号",
    "account_id_pattern": "[0-9]{16}",
    "account_id_example": "1234567890123456",
    "receive_method": "automatic",
    "grant_timing": "申込みの翌日",
    "daily_cut_off": "17:00",
    "support_contact": "なぎさマネー相談窓口 050-0000-1204",
    "terms_url": "https://nagisa.example.com/terms",
    "min_grant": "1",
    "max_grant": "50000",
}

_PROVIDER: dict[str, Any] = {
    "guideline": {"accepted_version": "2023-05-26"},
    "organisation": {
        "corporate_number": "4011001098993",
        "name": "なぎさ電子決済株式会社",
        "name_kana": "ナギサデンシケッサイカブシキガイシャ",
        "representative": "代表取締役 渚 太郎",
        "postal_code": "100-0001",
        "address": "東京都千代田区千代田1番1号",
        "licences": ["prepaid_third_party"],
    },
    "contacts": {
        "main": contact("佐伯 まこと", "サエキ マコト", "saeki@nagisa.example.com"),
        "deputy": contact("早川 凪", "ハヤカワ ナギ", "hayakawa@nagisa.example.com"),
        "technical": contact("湊 静", "ミナト シズカ", "minato@nagisa.example.com"),
    },
    "compliance": {
        "fraud_control": "取引を常時見守り、疑わしいものを止めます。",
        "bank_name": "みほん銀行",
        "bank_branch": "本店",
        "account_kind": "ordinary",
        "account_number": "1234567",
        "account_holder_kana": "ナギサデンシケッサイ",
    },
    "services": [_SERVICE],
}


def municipality_form() -> dict[str, Any]:
    """The form of 小松市."""
    return copy.deepcopy(_MUNICIPALITY)


def provider_form() -> dict[str, Any]:
    """The form of an invented provider with one service."""
    return copy.deepcopy(_PROVIDER)


def service_form(**changes: Any) -> dict[str, Any]:
    """The form of a payment service."""
    return {**copy.deepcopy(_SERVICE), **changes}
