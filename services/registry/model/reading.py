"""Reading what people type: width, kana, eras and separators are ours to mend, not theirs."""

import re
import unicodedata
from datetime import date

_HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-"))
_KANA = re.compile(r"^[ァ-ヺー・ 　A-Za-z0-9０-９Ａ-Ｚａ-ｚ]+$")
_EMAIL = re.compile(
    r"^[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
_ERA_DAY = re.compile(r"^(令和|平成|昭和|[RHS])\.?(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?$")
_DAY = re.compile(r"^(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?$")
_FIRST_DAYS = {"令和": date(2019, 5, 1), "平成": date(1989, 1, 8), "昭和": date(1926, 12, 25)}
_LONG = {"R": "令和", "H": "平成", "S": "昭和"}
_URL = re.compile(
    r"^https://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}(?::\d{2,5})?(?:/[\x21-\x7e]*)?$"
)


def plain(text: str) -> str:
    """The text in its usual width, without space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def name(text: str) -> str:
    """A name as it is written: composed characters, single spaces, nothing else changed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def digits(text: str) -> str:
    """Digits in ASCII without separators; other characters stay, so that they can be complained of."""
    return re.sub(r"[\s,-]", "", plain(text).translate(_DASHES))


def kana(text: str) -> str | None:
    """The reading in full-width katakana, from whichever kana was typed; None if it is none."""
    found = name(unicodedata.normalize("NFKC", text).translate(_HIRAGANA))
    return found if found and _KANA.match(found) else None


def email(text: str) -> str | None:
    """The address, if it has the shape of one that letters can be sent to."""
    found = plain(text)
    local = found.partition("@")[0]
    dotted = local.startswith(".") or local.endswith(".") or ".." in local
    return found if len(found) <= 254 and _EMAIL.match(found) and not dotted else None


def phone(text: str) -> str | None:
    """The number as digits with hyphens, ten or eleven digits from 0."""
    found = plain(text).translate(_DASHES).replace("(", "-").replace(")", "-").strip("-")
    bare = found.replace("-", "").replace(" ", "")
    if not re.fullmatch(r"0[0-9]{9,10}", bare):
        return None
    return re.sub(r"[ -]+", "-", found)


def postal_code(text: str) -> str | None:
    """Seven digits as 123-4567."""
    found = digits(text).removeprefix("〒")
    return f"{found[:3]}-{found[3:]}" if re.fullmatch(r"[0-9]{7}", found) else None


def amount(text: str) -> int | None:
    """A whole number of yen, days or the like."""
    found = re.sub(r"[\s,]", "", plain(text)).removeprefix("¥").removesuffix("円")
    return int(found) if re.fullmatch(r"[0-9]{1,13}", found) else None


def clock_time(text: str) -> str | None:
    """A time of day as 17:00."""
    found = re.fullmatch(r"(\d{1,2}):?(\d{2})|(\d{1,2})時(?:(\d{1,2})分)?", plain(text))
    if not found:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def url(text: str) -> str | None:
    """A public https address."""
    found = text.strip()
    return found if len(found) <= 500 and _URL.match(found) else None


def day(text: str) -> date | None:
    """A day, written in the western or the Japanese calendar; None where no such day was."""
    found = plain(text).replace(" ", "").translate(_DASHES)
    try:
        if western := _DAY.match(found):
            return date(int(western[1]), int(western[2]), int(western[3]))
        if era := _ERA_DAY.match(found.upper() if found[:1].isascii() else found):
            return _era_day(era)
    except ValueError:
        return None
    return None


def _era_day(found: re.Match[str]) -> date | None:
    era = _LONG.get(found[1], found[1])
    year = 1 if found[2] == "元" else int(found[2])
    result = date(_ERAS[found[1]] + year, int(found[3]), int(found[4]))
    later = [first for first in _FIRST_DAYS.values() if first > _FIRST_DAYS[era]]
    inside = year > 0 and result >= _FIRST_DAYS[era] and all(result < first for first in later)
    return result if inside else None
