"""Judges one payment service of a provider's form."""

import re
from typing import Any

from contracts.values import GrantType, PaymentServiceKind
from services.registry.model import reading
from services.registry.model.application import ServiceDetails
from services.registry.model.findings import Findings
from services.registry.model.form import PaymentServiceFields

#: What an account id pattern is made of: characters, classes and counts; nothing that can run away.
_SAFE_PATTERN = re.compile(
    r"^(?:\[(?:[0-9A-Za-z](?:-[0-9A-Za-z])?)+\]|[0-9A-Za-z@._-])(?:\{\d{1,2}(?:,\d{1,2})?\})?"
)
_MOST_GRANT = 1_000_000


def safe_pattern(text: str) -> str | None:
    """The pattern, if it is a sequence of plain characters or classes with counts: ``[0-9]{16}``."""
    rest = text.strip()
    while rest:
        piece = _SAFE_PATTERN.match(rest)
        if piece is None:
            return None
        rest = rest[piece.end() :]
    found = text.strip()
    try:
        re.compile(found)
    except re.error:
        return None
    return found or None


def service_details(typed: PaymentServiceFields, found: Findings) -> ServiceDetails | None:
    """The service, if nothing had to be noted about it."""
    before = len(found.errors)
    details = {**_face(typed, found), **_account(typed, found), **_granting(typed, found)}
    if len(found.errors) > before:
        return None
    return ServiceDetails.model_validate(details)


def _face(typed: PaymentServiceFields, found: Findings) -> dict[str, Any]:
    https = "https:// から始まるアドレスを入れてください。"
    return {
        "code": found.pattern(
            "code",
            typed.code,
            "サービスコード",
            r"[a-z0-9][a-z0-9-]{1,30}[a-z0-9]",
            "サービスコードは、半角の英小文字・数字・ハイフンで3〜32文字にしてください。",
        ),
        "name": found.text("name", typed.name, "サービスの名前", longest=60),
        "name_kana": found.kana("name_kana", typed.name_kana, "サービスのフリガナ"),
        "kind": found.choice("kind", typed.kind, "サービスの種類", PaymentServiceKind),
        "grant_types": found.choices("grant_types", typed.grant_types, "付与の方法", GrantType),
        "support_contact": found.text("support_contact", typed.support_contact, "問い合わせ先"),
        "terms_url": found.read(
            "terms_url", typed.terms_url, "利用規約のアドレス", reading.url, ("url_shape", https)
        ),
        "special_terms_version": found.text(
            "special_terms_version",
            typed.special_terms_version,
            "特約の版",
            longest=30,
            needed=False,
        ),
        "launch_url": found.read(
            "launch_url",
            typed.launch_url,
            "アプリをひらくアドレス",
            reading.url,
            ("url_shape", https),
            needed=False,
        ),
    }


def _account(typed: PaymentServiceFields, found: Findings) -> dict[str, Any]:
    shape = "会員番号の形は、[0-9]{16} のように文字の種類と数だけで書いてください。"
    pattern = found.read(
        "account_id_pattern",
        typed.account_id_pattern,
        "会員番号の形",
        safe_pattern,
        ("pattern_shape", shape),
    )
    example = reading.plain(typed.account_id_example)
    if pattern and not re.fullmatch(pattern, example):
        detail = "会員番号の例が、上の形に合っていません。どちらかを直してください。"
        found.wrong("account_id_example", "example_differs", detail)
    return {
        "account_id_label": found.text(
            "account_id_label", typed.account_id_label, "会員番号の呼び名", longest=30
        ),
        "account_id_pattern": pattern,
        "account_id_example": example,
        "security_code_label": found.text(
            "security_code_label",
            typed.security_code_label,
            "確認コードの呼び名",
            longest=30,
            needed=False,
        ),
    }


def _granting(typed: PaymentServiceFields, found: Findings) -> dict[str, Any]:
    least = found.amount("min_grant", typed.min_grant, "1回の付与の下限", most=_MOST_GRANT)
    most = found.amount("max_grant", typed.max_grant, "1回の付与の上限", most=_MOST_GRANT)
    if least is not None and most is not None and least > most:
        found.wrong("max_grant", "limits_crossed", "付与の上限は、下限以上にしてください。")
    if typed.receive_method not in ("automatic", "user_action_required"):
        found.wrong(
            "receive_method",
            "choice_unknown",
            "受け取りの方法を、選べるものの中から選んでください。",
        )
    cut_off = ("time_shape", "1日の締め時刻を、17:00 のように入れてください。")
    return {
        "receive_method": typed.receive_method,
        "grant_timing": found.text("grant_timing", typed.grant_timing, "付与の時期", longest=100),
        "point_expiry": found.text(
            "point_expiry", typed.point_expiry, "ポイントの期限", longest=100, needed=False
        ),
        "area_limits": found.text(
            "area_limits", typed.area_limits, "使える場所", longest=2000, needed=False
        ),
        "min_grant": least,
        "max_grant": most,
        "daily_cut_off": found.read(
            "daily_cut_off", typed.daily_cut_off, "1日の締め時刻", reading.clock_time, cut_off
        ),
        "application_deadline_days": found.amount(
            "application_deadline_days",
            typed.application_deadline_days,
            "申込みを締め切る日数",
            most=90,
        )
        or 0,
    }
