"""What a program can see about an application, so that the reviewer looks at the rest."""

import re
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel

from services.registry.model.application import MunicipalityApplication, ProviderApplication
from services.registry.model.codes import DirectoryEntry

_MUNICIPAL_MAIL = re.compile(r"(^|\.)(lg\.jp|(city|town|vill|pref|metro)\.[a-z0-9.-]+\.jp)$")
_FREE_MAIL = frozenset(
    {"gmail.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.co.jp", "outlook.jp"}
)


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    ATTENTION = "attention"
    WRONG = "wrong"


class Check(BaseModel):
    """One thing that was looked at, with what was found."""

    code: str
    verdict: Verdict
    title: str
    detail: str


class DocumentFacts(BaseModel):
    """What the checks need to know of a document."""

    label: str
    state: str
    needed: bool


def checks_of(
    application: MunicipalityApplication | ProviderApplication,
    *,
    entry: DirectoryEntry | None,
    others: Sequence[str],
    guideline: str,
    documents: Sequence[DocumentFacts],
) -> list[Check]:
    """All checks of an application; ``others`` are references of registrations of the same entity."""
    own = (
        _provider_checks(application)
        if isinstance(application, ProviderApplication)
        else _municipality_checks(application, entry)
    )
    accepted = application.guideline_version == guideline
    return [
        *own,
        _one(
            "one_registration",
            "1法人1登録",
            not others,
            "ほかに有効な登録はありません",
            f"同じ番号の登録があります：{'、'.join(others)}",
        ),
        _one(
            "guideline",
            "要領への同意",
            accepted,
            f"最新の登録要領（{guideline} 版）に同意済み",
            f"同意したのは {application.guideline_version} 版です。最新は {guideline} 版です",
            mild=True,
        ),
        _mail(application),
        *_document_checks(documents),
    ]


def _one(
    code: str, title: str, good: bool, fine: str, trouble: str, *, mild: bool = False
) -> Check:
    bad = Verdict.ATTENTION if mild else Verdict.WRONG
    return Check(
        code=code,
        verdict=Verdict.OK if good else bad,
        title=title,
        detail=fine if good else trouble,
    )


def _municipality_checks(
    application: MunicipalityApplication, entry: DirectoryEntry | None
) -> list[Check]:
    if entry is None:
        body = "広域連合・その他の団体です。規約などの書類で確かめてください"
        return [Check(code="directory", verdict=Verdict.ATTENTION, title="団体コード", detail=body)]
    same = application.name in entry.names
    kana = application.name_kana == entry.name_kana
    official = f"{entry.prefecture}{entry.county}{entry.name}"
    return [
        _one("directory", "団体コード", True, f"{entry.code} は{official}のコードです", ""),
        _one(
            "name",
            "団体名",
            same,
            "コードの団体名と同じです",
            f"コードの団体名は「{entry.name}」です",
            mild=True,
        ),
        _one(
            "kana",
            "フリガナ",
            kana,
            "コードのフリガナと同じです",
            f"コードのフリガナは「{entry.name_kana}」です",
            mild=True,
        ),
    ]


def _provider_checks(application: ProviderApplication) -> list[Check]:
    invoice = application.invoice_registration_number
    return [
        _one("corporate_number", "法人番号の検査数字", True, "13けたが正しい番号です", ""),
        _one(
            "licences",
            "登録・免許",
            bool(application.licences),
            "申告があります",
            "登録・免許の申告がありません。対象外か確かめてください",
            mild=True,
        ),
        _one(
            "invoice",
            "インボイスの登録番号",
            invoice in ("", "T" + application.code),
            "法人番号と合っています" if invoice else "記入はありません",
            "法人番号と違う番号です",
            mild=True,
        ),
    ]


def _mail(application: MunicipalityApplication | ProviderApplication) -> Check:
    contacts = (application.main_contact, application.deputy_contact)
    domains = {c.email.rpartition("@")[2].lower() for c in contacts}
    municipal = isinstance(application, MunicipalityApplication)
    odd = sorted(
        d for d in domains if d in _FREE_MAIL or (municipal and not _MUNICIPAL_MAIL.search(d))
    )
    hint = f"団体のものか確かめてください：{'、'.join(odd)}"
    return _one("mail", "連絡先のメール", not odd, "団体のアドレスとみられます", hint, mild=True)


def _document_checks(documents: Sequence[DocumentFacts]) -> list[Check]:
    found = []
    for document in documents:
        states = {
            "checked": (Verdict.OK, "受け取り、中身を確かめました"),
            "quarantined": (Verdict.ATTENTION, "中身を確かめています。少し待ってください"),
            "refused": (Verdict.WRONG, "安全に開けないファイルです"),
            "missing": (Verdict.WRONG if document.needed else Verdict.OK, "届いていません"),
        }
        verdict, detail = states[document.state]
        found.append(Check(code="document", verdict=verdict, title=document.label, detail=detail))
    return found
