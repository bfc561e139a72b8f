"""Payment services somebody keeps, beside those a measure offers: what one chooses from, and what was chosen."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chassis.individual_number import holds_individual_number
from gateway.portal.forms import Form
from gateway.portal.visit import Visit

#: As benefits takes an account's number.
_ACCOUNT = re.compile(r"[0-9A-Za-z._@+-]{1,64}")
_KEPT = "kept-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An account of a payment service: what is shown of it, what the card names, what benefits is told."""

    service: dict[str, Any]
    account: str
    digest: str
    body: dict[str, str]
    kept: bool = False


async def kept_for(visit: Visit, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What the visitor keeps of the payment services a measure offers."""
    codes = {one["code"] for one in entry["services"]}
    found = await visit.get("benefits/own-services")
    return [one for one in found["items"] if one["offered"] and one["code"] in codes]


def options_of(kept: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What is kept, to choose from."""
    return [
        (_KEPT + one["id"], one["name"], f"登録した受け取り先・下4けた {one['account_end']}")
        for one in kept
    ]


def kept_in(form: Form, name: str, kept: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The kept one that was chosen in a field."""
    return {_KEPT + one["id"]: one for one in kept}.get(form[name])


def typed_account(form: Form) -> str:
    """The number of an account as it was typed, made narrow; what is wrong with it is noted."""
    form["account_id"] = form.ascii("account_id").replace(" ", "")
    if not _ACCOUNT.fullmatch(form["account_id"]):
        form.wrong("account_id", "会員番号を、半角の数字やアルファベットで入れてください")
    elif holds_individual_number(form["account_id"]):
        # No service takes such a number: said here, not after a card was read for it.
        form.wrong(
            "account_id",
            "マイナンバーと同じ形の番号は使えません。決済サービスの会員番号を入れてください",
        )
    return form["account_id"]


def digest_of(account: str) -> str:
    """How a card names an account."""
    return sha256(account.encode()).hexdigest()


def chosen_of(form: Form, entry: dict[str, Any], kept: list[dict[str, Any]]) -> Chosen | None:
    """Where points are to go; None when something is to be mended, and the form says what."""
    services = {one["code"]: one for one in entry["services"]}
    mine = kept_in(form, "service", kept)
    if mine is not None:
        form["account_id"] = ""
        shown = f"下4けた {mine['account_end']}"
        body = {"saved_service_id": mine["id"]}
        return Chosen(services[mine["code"]], shown, mine["account_digest"], body, kept=True)
    service = services.get(form["service"])
    if service is None:
        form.wrong("service", "受け取る決済サービスをえらんでください")
    account = typed_account(form)
    if form.errors or service is None:
        return None
    return Chosen(service, account, digest_of(account), {"account_id": account})
