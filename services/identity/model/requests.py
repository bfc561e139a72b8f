"""What is asked for in the form of an account request (本アカウント発行申請)."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.refusal import FieldError, Invalid
from contracts.values import (
    OrganisationKind,
    corporate_check_digit,
    municipality_check_digit,
)

_SEPARATORS = re.compile(r"[\s\-‐‑–—−ー]")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
_KANA = re.compile(r"[ァ-ヴー・ 　]+")
_PHONE = re.compile(r"0[0-9]{9,10}")
_HIRAGANA = {c: c + 0x60 for c in range(ord("ぁ"), ord("ゖ") + 1)}


@dataclass(frozen=True, slots=True)
class Guideline:
    """A registration guideline (登録要領) in one version."""

    organisation_kind: OrganisationKind
    version: str
    title: str
    updated_on: date


#: Every version that was ever in force, oldest first. Once content keeps the documents it says which these are.
GUIDELINES = (
    Guideline(OrganisationKind.MUNICIPALITY, "2023-04-12", "自治体等登録要領", date(2023, 4, 12)),
    Guideline(OrganisationKind.PROVIDER, "2023-05-26", "事業者登録要領", date(2023, 5, 26)),
)


def guidelines_on(day: date) -> list[Guideline]:
    """The version of each guideline that is to be accepted on ``day``."""
    newest = {g.organisation_kind: g for g in GUIDELINES if g.updated_on <= day}
    return list(newest.values())


@dataclass(frozen=True, slots=True)
class RequestForm:
    """Who asks for an account, for which organisation."""

    organisation_kind: OrganisationKind
    organisation_name: str
    organisation_code: str
    department: str
    contact_name: str
    contact_kana: str
    email: str
    phone: str
    guideline_version: str

    def checked(self, today: date) -> "RequestForm":
        """This form as it is kept: folded, complete, for the guideline in force."""
        folded = replace(
            self,
            organisation_name=fold_text(self.organisation_name),
            organisation_code=fold_digits(self.organisation_code),
            department=fold_text(self.department),
            contact_name=fold_text(self.contact_name),
            contact_kana=fold_kana(self.contact_kana),
            email=self.email.strip(),
            phone=fold_digits(self.phone),
        )
        errors = [e for e in folded._errors(today) if e is not None]
        if errors:
            raise Invalid(
                "fields-invalid", f"入力を直してください（{len(errors)}か所）。", errors=errors
            )
        return folded

    def _errors(self, today: date) -> list[FieldError | None]:
        return [
            filled("organisation_name", self.organisation_name),
            code_error("organisation_code", self.organisation_kind, self.organisation_code),
            filled("contact_name", self.contact_name),
            kana_error("contact_kana", self.contact_kana),
            email_error("email", self.email),
            phone_error("phone", self.phone),
            self._guideline_error(today),
        ]

    def _guideline_error(self, today: date) -> FieldError | None:
        wanted = {
            g.version for g in guidelines_on(today) if g.organisation_kind == self.organisation_kind
        }
        if self.guideline_version in wanted:
            return None
        return FieldError(
            "guideline_version",
            "guideline_not_current",
            "登録要領が新しくなっています。いまの版を読み、同意してから申請してください。",
        )


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """A form that was handed in."""

    account_id: UUID
    form: RequestForm


def fold_text(text: str) -> str:
    """``text`` composed, on one line, without spaces around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold_digits(text: str) -> str:
    """Digits as typed with full-width keys, spaces or hyphens, as plain digits."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def fold_kana(text: str) -> str:
    """Half-width kana and hiragana as full-width katakana."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_HIRAGANA).split())


def email_key(email: str) -> str:
    """What makes two addresses the same for us."""
    return email.strip().casefold()


def filled(field: str, text: str) -> FieldError | None:
    """An error if nothing is left of ``text``."""
    return None if text else FieldError(field, "missing", "入力してください。")


def email_error(field: str, email: str) -> FieldError | None:
    """An error if no mail server would take ``email``."""
    local = email.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if len(email) <= 254 and _EMAIL.fullmatch(email) and not dots:
        return None
    return FieldError(
        field, "email_shape", "メールアドレスの形を確かめてください（例：tantou@city.example.jp）。"
    )


def kana_error(field: str, kana: str) -> FieldError | None:
    """An error if ``kana`` is not katakana."""
    if _KANA.fullmatch(kana):
        return None
    return FieldError(field, "kana", "フリガナはカタカナで入力してください。")


def phone_error(field: str, phone: str) -> FieldError | None:
    """An error if ``phone`` is no Japanese number."""
    if _PHONE.fullmatch(phone):
        return None
    return FieldError(
        field, "phone_shape", "電話番号は 0 から始まる10けたか11けたの数字で入力してください。"
    )


def code_error(field: str, kind: OrganisationKind, code: str) -> FieldError | None:
    """An error if ``code`` cannot be the number of such an organisation."""
    if code.isascii() and code.isdigit():
        if len(code) == 6 and kind is OrganisationKind.MUNICIPALITY:
            return _municipality_error(field, code)
        if len(code) == 13:
            return _corporate_error(field, code)
    if kind is OrganisationKind.MUNICIPALITY:
        detail = "団体コード（6けたの数字）を入力してください。コードのない団体は法人番号（13けた）を入力してください。"
        return FieldError(field, "municipality_code_shape", detail)
    return FieldError(
        field, "corporate_number_shape", "法人番号（13けたの数字）を入力してください。"
    )


def _municipality_error(field: str, code: str) -> FieldError | None:
    if municipality_check_digit(code[:5]) == code[5]:
        return None
    return FieldError(
        field, "municipality_code_check_digit", "団体コードの最後の数字が合っていません。"
    )


def _corporate_error(field: str, number: str) -> FieldError | None:
    if number[0] != "0" and corporate_check_digit(number[1:]) == number[0]:
        return None
    return FieldError(
        field, "corporate_number_check_digit", "法人番号の最初の数字が合っていません。"
    )
