"""What a person typed: kept whatever happens, and given back with what to mend."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from aiohttp.web_request import FileField
from multidict import MultiDict, MultiDictProxy

from chassis.clock import JAPAN
from chassis.ids import new_id
from gateway.portal.brought import Brought
from gateway.portal.words import as_instant, era_of

_ERA_STARTS = {"令和": 2018, "平成": 1988, "昭和": 1925, "西暦": 0}
_ERA_YEARS = {"平成": 31, "昭和": 64}
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和"}
_WHOLE_DATE = re.compile(
    r"(令和|平成|昭和|西暦|[RHS])?(元|\d{1,4})[年./-](\d{1,2})[月./-](\d{1,2})日?"
)
_ERA_YEAR = re.compile(r"(令和|平成|昭和|西暦|[RHS])?(元|\d{1,4})年?")
_KEY = re.compile(r"[0-9a-f-]{36}")
_NUMBER = re.compile(r"[0-9]{1,4}")
_SEPARATORS = re.compile(r"[\s\-‐‑–—―ー－・]")


@dataclass
class Form:
    """The fields of one form, what is wrong with them, and the one-time key of this copy of it."""

    values: MultiDict[str] = field(default_factory=MultiDict)
    errors: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(new_id()))
    files: dict[str, Brought] = field(default_factory=dict)
    #: Fields whose error concerns only some of their parts (a date's year).
    parts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Form":
        """A form filled with what is already known."""
        found: MultiDict[str] = MultiDict()
        for name, value in values.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                found.add(name, "" if one is None else str(one))
        return cls(values=found)

    @classmethod
    def posted(cls, posted: "MultiDictProxy[Any]") -> "Form":
        """A form as it came; texts are trimmed, files are kept apart."""
        given = str(posted.get("form_key", ""))
        form = cls(key=given if _KEY.fullmatch(given) else str(new_id()))
        for name, value in posted.items():
            if isinstance(value, str):
                form.values.add(name, value.replace("\r\n", "\n").strip())
            elif isinstance(value, FileField) and value.filename:
                form.files[name] = Brought.of(value.filename, value.file)
        return form

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def __setitem__(self, name: str, value: str) -> None:
        self.values[name] = value

    def all(self, name: str) -> list[str]:
        """Every value of a group of boxes."""
        return self.values.getall(name, [])

    def pick(self, names: Iterable[str]) -> dict[str, str]:
        """Some fields by name."""
        return {name: self[name] for name in names}

    def wrong(self, name: str, message: str) -> None:
        """Note what to do about a field; the first message stays."""
        self.errors.setdefault(name, message)

    def need(self, name: str, message: str) -> None:
        """Note that a field may not be empty."""
        if not self[name]:
            self.wrong(name, message)

    def code(self, name: str) -> str:
        """A code without the blanks, hyphens and wide digits people type."""
        self[name] = _SEPARATORS.sub("", unicodedata.normalize("NFKC", self[name]))
        return self[name]

    def kana(self, name: str) -> str:
        """A reading in full-width katakana, however it was typed."""
        self[name] = katakana(self[name])
        return self[name]

    def ascii(self, name: str) -> str:
        """A telephone number, address or link with its wide letters made narrow."""
        self[name] = unicodedata.normalize("NFKC", self[name]).replace("−", "-").replace("ー", "-")
        return self[name]

    def take(self, problem: Mapping[str, Any], names: Mapping[str, str] | None = None) -> None:
        """Note what a service said about the fields; ``names`` maps its field to ours."""
        for error in problem.get("errors") or []:
            name = _ours(str(error.get("field", "")), names or {})
            self.wrong(name, str(error.get("detail") or problem.get("detail") or ""))
            if error.get("code") == "individual_number":
                self[name] = ""
        if not self.errors:
            self.wrong("form", str(problem.get("detail") or "もう一度お試しください。"))

    def instant(self, name: str, label: str) -> str | None:
        """What a field of date and time holds, on Japan's clock; None when empty or wrong (and noted)."""
        if not self[name]:
            return None
        try:
            return datetime.fromisoformat(self[name]).replace(tzinfo=JAPAN).isoformat()
        except ValueError:
            self.wrong(name, f"{label}は、日付と時刻で入れてください")
            return None

    def date(self, name: str, label: str) -> date | None:
        """The day typed as era, year, month and day; None when empty or wrong (and noted)."""
        return read_date(self, name, label)


def _ours(theirs: str, names: Mapping[str, str]) -> str:
    if theirs in names:
        return names[theirs]
    found = next((ours for path, ours in names.items() if theirs.startswith(path + ".")), "")
    return found or theirs.split(".")[-1] or "form"


def katakana(text: str) -> str:
    """Half-width kana and hiragana as full-width katakana."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in folded)


def read_date(form: Form, name: str, label: str) -> date | None:
    """Read ``name_era``, ``name_y``, ``name_m``, ``name_d``; the year field may hold a whole date."""
    _spread(form, name)
    era, year, month, day = (form[f"{name}_{part}"] for part in ("era", "y", "m", "d"))
    if not (year or month or day):
        return None
    parts = {"y": year, "m": month, "d": day}
    odd = {f"{name}_{part}" for part, v in parts.items() if not _NUMBER.fullmatch(v)}
    if odd:
        form.parts |= odd
        form.wrong(name, f"{label}は、年・月・日を数字で入れてください")
        return None
    limit = _ERA_YEARS.get(era)
    if limit is not None and int(year) > limit:
        form.parts.add(f"{name}_y")
        form.wrong(
            name, f"{era}{year}年は、{_meant(era, int(year))}のことですか。年を直してください"
        )
        return None
    try:
        return date(_ERA_STARTS.get(era, 0) + int(year), int(month), int(day))
    except ValueError:
        form.parts |= {f"{name}_m", f"{name}_d"}
        form.wrong(name, f"{label}は、暦にある日を入れてください")
        return None


def _meant(era: str, year: int) -> str:
    name, in_era = era_of(date(_ERA_STARTS[era] + year, 12, 31))
    return f"{name}{'元' if in_era == 1 else in_era}年"


def _spread(form: Form, name: str) -> None:
    """Put a pasted 「令和5年9月25日」 or R5 into the fields where they belong."""
    for part in ("y", "m", "d"):
        form[f"{name}_{part}"] = unicodedata.normalize("NFKC", form[f"{name}_{part}"])
    whole = _WHOLE_DATE.fullmatch(form[f"{name}_y"])
    found = whole or _ERA_YEAR.fullmatch(form[f"{name}_y"])
    if found is None:
        return
    if found[1]:
        form[f"{name}_era"] = _LETTERS.get(found[1], found[1])
    elif len(found[2]) == 4:
        form[f"{name}_era"] = "西暦"
    form[f"{name}_y"] = "1" if found[2] == "元" else found[2]
    if whole:
        form[f"{name}_m"], form[f"{name}_d"] = whole[3], whole[4]


def date_fields(name: str, value: str | date | None) -> dict[str, str]:
    """The fields of a day that is already known."""
    if not value:
        return {}
    known = date.fromisoformat(value) if isinstance(value, str) else value
    era, year = era_of(known)
    parts = {"era": era, "y": year, "m": known.month, "d": known.day}
    return {f"{name}_{part}": str(v) for part, v in parts.items()}


def instant_field(value: str) -> str:
    """What a field of date and time shows for an instant that is already known."""
    return as_instant(value).strftime("%Y-%m-%dT%H:%M")


def typed_date(form: Form, name: str, label: str) -> str:
    """The day as 2023-09-25, or as it was typed where it cannot be read; nothing typed is lost."""
    read = form.date(name, label)
    if read is not None:
        return read.isoformat()
    year, month, day = (form[f"{name}_{part}"] for part in ("y", "m", "d"))
    if not (year or month or day):
        return ""
    era = form[f"{name}_era"]
    return f"{'' if era == '西暦' else era}{year}年{month}月{day}日"


def typed_date_fields(name: str, typed: str) -> dict[str, str]:
    """The fields of a day that was kept as typed."""
    try:
        return date_fields(name, typed or None)
    except ValueError:
        return {f"{name}_y": typed}
