"""Judges what both kinds of organisation fill in: guideline, name, address, contact persons."""

from typing import TypedDict

from services.registry.model import reading
from services.registry.model.application import Contact
from services.registry.model.findings import Findings
from services.registry.model.form import ContactFields, OrganisationSection, RegistrationForm


class SharedFields(TypedDict):
    """The fields every application has."""

    guideline_version: str
    name: str
    name_kana: str
    postal_code: str
    address: str
    main_contact: Contact
    deputy_contact: Contact
    technical_contact: Contact | None


def shared_fields(
    form: RegistrationForm, found: Findings, *, guideline: str, technical: bool = False
) -> SharedFields:
    """The shared fields; what is wrong with them is noted in ``found``."""
    accepted = form.guideline.accepted_version
    if accepted != guideline:
        detail = f"最新の登録要領（{guideline} 版）を読み、同意してください。"
        found.wrong("guideline.accepted_version", "guideline_not_accepted", detail)
    contacts = found.within("contacts")
    main = _contact(contacts.within("main"), form.contacts.main, "主担当の")
    deputy = _contact(contacts.within("deputy"), form.contacts.deputy, "副担当の")
    if main.email and main.email.casefold() == deputy.email.casefold():
        detail = "副担当には、主担当と別の方のメールアドレスを入れてください。"
        contacts.wrong("deputy.email", "same_contact", detail)
    expert = form.contacts.technical
    return SharedFields(
        guideline_version=accepted,
        **_organisation(form.organisation, found.within("organisation")),
        main_contact=main,
        deputy_contact=deputy,
        technical_contact=_contact(contacts.within("technical"), expert, "技術担当の")
        if technical
        else None,
    )


class _Organisation(TypedDict):
    name: str
    name_kana: str
    postal_code: str
    address: str


def _organisation(section: OrganisationSection, found: Findings) -> _Organisation:
    shape = ("postal_code_shape", "郵便番号は、数字7けたで入れてください。")
    return _Organisation(
        name=found.text("name", section.name, "団体名", longest=100),
        name_kana=found.kana("name_kana", section.name_kana, "団体名のフリガナ"),
        postal_code=found.read(
            "postal_code", section.postal_code, "郵便番号", reading.postal_code, shape
        )
        or "",
        address=found.text("address", section.address, "所在地"),
    )


def _contact(found: Findings, typed: ContactFields, label: str) -> Contact:
    email_shape = (
        "email_shape",
        f"{label}メールアドレスの形を確かめてください。例：name@example.lg.jp",
    )
    phone_shape = ("phone_shape", f"{label}電話番号は、0から始まる10けたか11けたで入れてください。")
    return Contact(
        department=found.text("department", typed.department, f"{label}部署", longest=100),
        name=found.text("name", typed.name, f"{label}氏名", longest=60),
        kana=found.kana("kana", typed.kana, f"{label}氏名のフリガナ"),
        email=found.read("email", typed.email, f"{label}メールアドレス", reading.email, email_shape)
        or "",
        phone=found.read("phone", typed.phone, f"{label}電話番号", reading.phone, phone_shape)
        or "",
    )
