"""Files that come with a registration: which are wanted, what they may be, what must not be in them."""

import io
import re
import zipfile
from dataclasses import dataclass
from unicodedata import normalize

from chassis.refusal import Conflict, FieldError, Invalid
from contracts.values import OrganisationKind
from services.registry.model.form import RegistrationForm

LARGEST = 10 * 1024 * 1024
MOST_FILES = 20
_LARGEST_UNPACKED = 100 * 1024 * 1024
_MOST_MEMBERS = 2_000

_PDF, _PNG, _JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_XLSX, _DOCX = _OFFICE + "spreadsheetml.sheet", _OFFICE + "wordprocessingml.document"
MEDIA_TYPES = (_PDF, _PNG, _JPEG, _XLSX, _DOCX)
_ENDINGS = {
    _PDF: ".pdf",
    _PNG: ".png",
    _JPEG: ".jpg",
    _XLSX: ".xlsx",
    _DOCX: ".docx",
    "text/csv": ".csv",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a document (書類) in the form."""

    name: str
    label: str
    needed: bool


_MUNICIPALITY = (
    Slot("application_form", "登録申請書（規定様式1）", True),
    Slot("organisation_chart", "組織図", False),
    Slot("budget_resolution", "予算の議決書の写し", False),
)
_PROVIDER = (
    Slot("application_form", "登録申請書（規定様式1）", True),
    Slot("fund_protection", "資金の保全方法（規定様式2）", True),
    Slot("licence_copy", "登録・免許の写し", False),
    Slot("privacy_certificate", "個人情報保護の認証の写し", False),
)


def slots_of(kind: OrganisationKind) -> tuple[Slot, ...]:
    """The documents a kind of organisation may hand in."""
    return _PROVIDER if kind is OrganisationKind.PROVIDER else _MUNICIPALITY


def needed_slots(kind: OrganisationKind, form: RegistrationForm) -> list[Slot]:
    """The documents this form cannot be handed in without."""
    licensed = kind is OrganisationKind.PROVIDER and bool(form.organisation.licences)
    return [s for s in slots_of(kind) if s.needed or (licensed and s.name == "licence_copy")]


def media_type_of(content: bytes) -> str | None:
    """What a file is, told from what is in it and from nothing else."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return _PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.rstrip().endswith(b"IEND\xaeB`\x82"):
        return _PNG
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return _JPEG
    return _office_type(content) if content.startswith(b"PK\x03\x04") else None


def _office_type(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return _XLSX if "xl/workbook.xml" in names else _DOCX if "word/document.xml" in names else None


def accepted_type(content: bytes, slot: str, kind: OrganisationKind) -> str:
    """The kind of a file that may be taken in for ``slot``; refused if it may not."""
    if slot not in {s.name for s in slots_of(kind)}:
        raise _refused(
            "slot", "document_slot_unknown", "どの書類かを、一覧の中から選んでください。"
        )
    if not content:
        raise _refused("content", "document_empty", "中身のないファイルです。選び直してください。")
    if len(content) > LARGEST:
        raise _refused("content", "document_too_large", "ファイルは10MBまでにしてください。")
    found = media_type_of(content)
    if found is None:
        detail = "PDF・PNG・JPEG・Excel（xlsx）・Word（docx）のファイルを選んでください。"
        raise _refused("content", "document_type_unknown", detail)
    return found


def _refused(field: str, code: str, detail: str) -> Invalid:
    return Invalid(
        code.replace("_", "-"), detail, errors=[FieldError(f"documents.{field}", code, detail)]
    )


def room_for_one_more(present: int) -> None:
    """Refuse more files than a registration needs."""
    if present >= MOST_FILES:
        raise Conflict(
            "documents-too-many",
            f"書類は{MOST_FILES}件までです。使わないものを取り消してください。",
        )


def shown_name(given: str, media_type: str) -> str:
    """The name people see: the last part of what was given, never a path, ending as its content does."""
    last = re.split(r"[/\\\0]", normalize("NFC", given))[-1]
    clean = re.sub(
        r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]', "", last
    ).strip(" .")
    stem = clean.rsplit(".", 1)[0] if "." in clean else clean
    return (stem.strip(" .")[:100] or "書類") + _ENDINGS[media_type]


def objection_to(content: bytes, media_type: str) -> str | None:
    """Why a quarantined file cannot be let out to readers; None if nothing speaks against it."""
    if media_type_of(content) != media_type:
        return "ファイルの中身が、届いたときの種類と違います。"
    if media_type == _PDF:
        return _pdf_objection(content)
    return _office_objection(content) if media_type in (_XLSX, _DOCX) else None


def _pdf_objection(content: bytes) -> str | None:
    if re.search(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b", content):
        return "動作を含むPDFは受け取れません。印刷用のPDFとして保存し直してください。"
    if re.search(rb"/Encrypt\b", content):
        return "パスワード付きのPDFは受け取れません。パスワードを外してください。"
    return None


def _office_objection(content: bytes) -> str | None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    if len(members) > _MOST_MEMBERS or sum(m.file_size for m in members) > _LARGEST_UNPACKED:
        return "展開すると大きすぎるファイルです。PDFにして送り直してください。"
    names = [m.filename for m in members]
    if any(n.startswith("/") or ".." in n.split("/") for n in names):
        return "ファイルの中の名前が正しくありません。保存し直してください。"
    if any("vbaproject" in n.lower() or "activex" in n.lower() for n in names):
        return "マクロを含むファイルは受け取れません。マクロを外して保存し直してください。"
    if any("externallinks" in n.lower() or "embeddings" in n.lower() for n in names):
        return "ほかのファイルへのリンクや埋め込みは受け取れません。外して保存し直してください。"
    if any(m.flag_bits & 1 for m in members):
        return "パスワード付きのファイルは受け取れません。パスワードを外してください。"
    return None
