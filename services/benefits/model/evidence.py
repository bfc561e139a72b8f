"""Evidence (証明書類): what a file may be, told from its content, and what must not be in it."""

import re
from unicodedata import normalize

from chassis.individual_number import holds_individual_number
from chassis.refusal import Conflict, FieldError, Invalid
from services.benefits.model.evidence_text import texts_of

LARGEST = 10 * 1024 * 1024
MOST_FILES = 10
_PDF, _PNG, _JPEG = "application/pdf", "image/png", "image/jpeg"
MEDIA_TYPES = (_PDF, _PNG, _JPEG)
_ENDINGS = {_PDF: ".pdf", _PNG: ".png", _JPEG: ".jpg"}
_UNSEEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
_ACTS = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
#: What a number of twelve digits may stand in; the rest of a text needs no closer look.
_NUMBERS = re.compile(r"[0-9０-９A-Fa-f \-‐−ー–—]{12,}")


def media_type_of(content: bytes) -> str | None:
    """What a file is, whatever it calls itself."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return _PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.rstrip().endswith(b"IEND\xaeB`\x82"):
        return _PNG
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return _JPEG
    return None


def accepted_type(content: bytes) -> str:
    """The kind of a file that may be taken in; refused if it may not."""
    if not content:
        raise _refused("evidence_empty", "中身のないファイルです。選び直してください。")
    if len(content) > LARGEST:
        raise _refused("evidence_too_large", "ファイルは10MBまでにしてください。")
    found = media_type_of(content)
    if found is None:
        raise _refused("evidence_type_unknown", "PDF・PNG・JPEGのファイルを選んでください。")
    return found


def room_for_one_more(present: int) -> None:
    """Refuse more files than an application needs."""
    if present >= MOST_FILES:
        raise Conflict(
            "evidence-too-many",
            f"書類は{MOST_FILES}件までです。使わないものを取り消してください。",
        )


def shown_name(given: str, media_type: str) -> str:
    """The name people see: never a path, nothing invisible, ending as its content does."""
    last = re.split(r"[/\\]", normalize("NFC", given))[-1]
    stem = _UNSEEN.sub("", last).strip(" .").rsplit(".", 1)[0].strip(" .")
    return (stem[:100] or "書類") + _ENDINGS[media_type]


def objection_to(content: bytes, media_type: str) -> str | None:
    """Why a file cannot be shown to reviewers; None if nothing speaks against it."""
    if media_type_of(content) != media_type:
        return "ファイルの中身が、届いたときの種類と違います。"
    if media_type == _PDF and _ACTS.search(content):
        return "動作を含むPDFは受け取れません。印刷用のPDFとして保存し直してください。"
    if media_type == _PDF and re.search(rb"/Encrypt\b", content):
        return "パスワード付きのPDFは受け取れません。パスワードを外してください。"
    return None


def refuse_individual_numbers(content: bytes) -> None:
    """Refuse a file in whose readable texts 12 digits stand that pass the check of 個人番号."""
    for text in texts_of(content):
        if holds_individual_number("\n".join(_NUMBERS.findall(text))):
            detail = (
                "ファイルの中に12けたの番号があります。マイナンバーは使いません。"
                "番号を消すか隠してから、もう一度選んでください。"
            )
            error = FieldError("evidence", "individual_number", detail)
            raise Invalid("individual-number-refused", detail, errors=[error])


def _refused(code: str, detail: str) -> Invalid:
    return Invalid(code.replace("_", "-"), detail, errors=[FieldError("evidence", code, detail)])
