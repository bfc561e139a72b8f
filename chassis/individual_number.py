"""Twelve digits that pass the check of 個人番号: they have no field anywhere and are refused at every input."""

import re
import unicodedata

from stdnum.exceptions import ValidationError as NotANumber
from stdnum.jp import in_

DETAIL = "12けたの番号は入れないでください。マイナンバーは使いません。"

_TWELVE = re.compile(r"(?<![0-9])[0-9](?:[ \-‐−ー–—]?[0-9]){11}(?![0-9])")
_NOT_DIGIT = re.compile(r"[^0-9]")
# Ids and digests hold runs of digits by chance; they name no person.
_IDS = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{20,}"
)


def holds_individual_number(text: str) -> bool:
    """Whether such a number stands anywhere in ``text``, in digits of any width, with or without hyphens."""
    if len(text) < 12:
        return False
    for found in _TWELVE.findall(_IDS.sub("|", unicodedata.normalize("NFKC", text))):
        try:
            in_.validate(_NOT_DIGIT.sub("", found))
        except NotANumber:
            continue
        return True
    return False
