"""Gathers what is to be mended in what was typed, field by field."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from chassis.refusal import FieldError, Invalid

# What a browser or a mail program could take for markup, and line breaks where there is one line.
_MARKUP = re.compile(r"<[/!?A-Za-z]|&#|javascript:", re.IGNORECASE)
_LINE_END = re.compile(r"[\r\n\t\v\f\u0085\u2028\u2029]")


class Findings:
    """Reads fields one after another; each answers a value to go on with, and notes what was wrong."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def wrong(self, field: str, code: str, detail: str) -> None:
        """Note that ``field`` must be mended."""
        self.errors.append(FieldError(field, code, detail))

    def line(
        self, field: str, typed: str, label: str, *, longest: int = 200, needed: bool = True
    ) -> str:
        """A text of one line, without markup."""
        if _LINE_END.search(typed):
            self.wrong(field, "line_break", f"{label}は、1行で入れてください。")
        return self.text(field, typed, label, longest=longest, needed=needed)

    def text(
        self, field: str, typed: str, label: str, *, longest: int = 2000, needed: bool = True
    ) -> str:
        """A plain text of at most ``longest`` characters; markup is refused and not cut out."""
        found = unicodedata.normalize("NFC", typed.replace("\r\n", "\n")).strip()
        if needed and not found:
            self.wrong(field, "missing", f"{label}を入れてください。")
        if len(found) > longest:
            self.wrong(field, "too_long", f"{label}は{longest}文字以内で入れてください。")
        if _MARKUP.search(found):
            detail = f"{label}に HTML のタグは使えません。ふつうの文章で入れてください。"
            self.wrong(field, "markup_refused", detail)
        return found

    def web_address(self, field: str, typed: str, label: str) -> str:
        """An address that begins with https://, or nothing."""
        found = typed.strip()
        if not found:
            return ""
        try:
            parts = urlsplit(found)
            good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            good = False
        if not good or not re.fullmatch(r"[!-~]{9,500}", found) or re.search(r"[<>\"'\\]", found):
            detail = f"{label}は、https:// で始まるアドレスを入れてください。"
            self.wrong(field, "address_shape", detail)
        return found

    def settle(self) -> None:
        """Refuse everything, with all that was noted, if anything was."""
        refuse_if(self.errors)


def refuse_if(errors: Iterable[FieldError]) -> None:
    """Refuse with ``errors``, if there are any."""
    found = list(errors)
    if found:
        detail = f"入力を直してください（{len(found)}か所）。"
        raise Invalid("fields-invalid", detail, errors=found)
