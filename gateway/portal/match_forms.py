"""What people type about matches and contracts, as the registry wants it."""

import unicodedata
from typing import Any

from gateway.portal.forms import Form, date_fields
from gateway.portal.match_words import DATA_FIELDS, FUNDING

_MOST = 100_000_000


def conditions_of() -> dict[str, Any]:
    """The choices of the form of a proposal."""
    return {
        "fee_kinds": (
            ("percent", "付与した額に対する割合", "例：1.5%"),
            ("yen", "付与1件あたりの額", "例：50円"),
        ),
        "funding": tuple(FUNDING.items()),
        "data_fields": tuple(DATA_FIELDS.items()),
    }


def number(form: Form, name: str, label: str, *, most: int = _MOST) -> int | None:
    """A whole number, however wide it was typed and with whichever commas."""
    text = unicodedata.normalize("NFKC", form[name]).replace(",", "").removesuffix("円")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        form.wrong(name, f"{label}は、0から{most:,}までの整数で入れてください")
        return None
    return int(text)


def _basis_points(form: Form) -> int | None:
    text = unicodedata.normalize("NFKC", form["fee"]).removesuffix("%")
    whole, _, part = text.partition(".")
    right = whole.isdigit() and whole.isascii() and len(whole) < 4 and len(part) <= 2
    if not right or (part and not (part.isdigit() and part.isascii())):
        form.wrong("fee", "割合は、1.5 のように小数2けたまでの数で入れてください")
        return None
    return int(whole) * 100 + int(part.ljust(2, "0") or "0")


def proposal_fields(form: Form) -> dict[str, Any]:
    """A proposal as it is sent; what is missing is noted in the form."""
    form.need("fee", "手数料を入れてください")
    form.need("funding", "原資の払い方を選んでください")
    if not form.all("services"):
        form.wrong("services", "決済サービスと付与の方法を1つ以上選んでください")
    percent = form["fee_kind"] == "percent"
    fee = (
        None
        if not form["fee"]
        else (_basis_points(form) if percent else number(form, "fee", "手数料", most=100_000))
    )
    answer_by = form.date("answer_by", "回答の期限")
    return {
        "fiscal_year": int(form["fiscal_year"]) if form["fiscal_year"].isdecimal() else 0,
        "services": _services(form),
        "conditions": {
            "fee_basis_points" if percent else "fee_per_grant": fee,
            "minimum_volume": number(form, "minimum_volume", "件数の見込み") or 0,
            "funding": form["funding"],
            "cutoff_days": number(form, "cutoff_days", "依頼の締め", most=60) or 0,
            "data_fields": form.all("data_fields"),
        },
        "answer_by": answer_by.isoformat() if answer_by else None,
        "message": form["message"],
    }


def _services(form: Form) -> list[dict[str, Any]]:
    """Boxes name a service and one of its grant types."""
    wanted: dict[str, list[str]] = {}
    for box in form.all("services"):
        service, _, grant_type = box.partition(" ")
        wanted.setdefault(service, []).append(grant_type)
    return [{"payment_service_id": s, "grant_types": g} for s, g in wanted.items()]


def names_of_fields(form: Form) -> dict[str, str]:
    """Where the registry's fields stand in the form of a proposal."""
    return {
        "services": "services",
        "conditions.fee_basis_points": "fee",
        "conditions.fee_per_grant": "fee",
        "conditions.funding": "funding",
        "conditions.cutoff_days": "cutoff_days",
        "conditions.minimum_volume": "minimum_volume",
        "conditions.data_fields": "data_fields",
        "partner_id": "form",
    }


_SIGNER = ("name", "organisation", "mail")
_SIDES = (("municipality", "自治体"), ("provider", "決済事業者"))


def contract_fields(form: Form) -> dict[str, Any]:
    """A contract as it is sent; what is missing is noted in the form."""
    first, last = form.date("valid_from", "契約の始まり"), form.date("valid_until", "契約の終わり")
    if first is None:
        form.wrong("valid_from", "契約の始まりの日を入れてください")
    if last is None:
        form.wrong("valid_until", "契約の終わりの日を入れてください")
    words = {"name": "名前", "organisation": "団体名", "mail": "メールアドレス"}
    for side, title in _SIDES:
        for field in _SIGNER:
            form.need(f"{side}_{field}", f"{title}の署名者の{words[field]}を入れてください")
        form.ascii(f"{side}_mail")
    return {
        "valid_from": first.isoformat() if first else None,
        "valid_until": last.isoformat() if last else None,
        "signers": [
            {"side": side} | {field: form[f"{side}_{field}"] for field in _SIGNER}
            for side, _ in _SIDES
        ],
        "body": form["body"],
    }


def known_contract(found: dict[str, Any]) -> dict[str, Any]:
    """The fields of a contract that is there already."""
    signers = {
        f"{signer['side']}_{field}": signer[field]
        for signer in found["signers"]
        for field in _SIGNER
    }
    return {
        **date_fields("valid_from", found["valid_from"]),
        **date_fields("valid_until", found["valid_until"]),
        **signers,
        "body": found["body"],
    }


def refuse_stale_words(form: Form, body: dict[str, Any], before: dict[str, Any]) -> None:
    """Another period under the same words: they may still name the old one."""
    days = ("valid_from", "valid_until")
    moved = any(body[day] != before[day] for day in days)
    if moved and body["body"].split() == before["body"].split():
        form.wrong(
            "body",
            "期間が変わりました。本文の期間を直すか、空欄にして条件からつくり直してください",
        )


def names_of_contract(form: Form) -> dict[str, str]:
    """Where the registry's fields stand in the form of a contract."""
    return {
        f"signers.{place}.{field}": f"{side}_{field}"
        for place, (side, _) in enumerate(_SIDES)
        for field in _SIGNER
    } | {"signers": "municipality_name"}
