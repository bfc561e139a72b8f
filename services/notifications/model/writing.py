"""From a template and its values to a letter; a missing value is refused here, at the door."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, UndefinedError

from chassis.clock import JAPAN
from chassis.refusal import Invalid
from services.notifications.model.address import one_line

TEMPLATES = Path(__file__).parent.parent / "templates"
#: The language no letter is missing in.
LANGUAGE = "ja"
PREFIX = "【マチポ】"
_PREFIXES = {"en": "[Machipo] "}
LONGEST_SUBJECT = 30
#: Stands in the letter box where the mail has the one-time link.
LINK_IS_IN_THE_MAIL = "（リンクはメールにだけ書いてあります）"
#: Stands in a shared letter where each reader's mail has the link that stops it.
STOP_IS_IN_THE_MAIL = "（止めるリンク／the link to stop）"

_VERSIONED = re.compile(r"(?P<name>[a-z_]+)\.v(?P<version>[0-9]+)\.txt")
_WEEKDAYS = "月火水木金土日"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIELD_NAMES = {
    "name": "名称",
    "name_kana": "名称（カナ）",
    "code": "団体コード・法人番号",
    "municipality_kind": "団体の種類",
    "prefecture_code": "都道府県",
}

Value = str | int | date | datetime | Sequence[str]


@dataclass(frozen=True, slots=True)
class Writing:
    """A letter's words, and the version of the template they were made with."""

    subject: str
    text: str
    version: int
    #: One line for digests; only announcements have it.
    summary: str = ""
    #: The language it is in: Japanese where the one that was wanted is missing.
    language: str = LANGUAGE


def day(value: date) -> str:
    """A day as people read it: 12月12日（火）."""
    return f"{value.month}月{value.day}日（{_WEEKDAYS[value.weekday()]}）"


def moment(value: datetime) -> str:
    """An instant as people in Japan read it: 12月12日（火）17:00."""
    there = value.astimezone(JAPAN)
    return f"{day(there.date())}{there:%H:%M}"


def day_in_english(value: date) -> str:
    """A day as readers of English read it: Tue 12 Dec."""
    return f"{_DAYS[value.weekday()]} {value.day} {value:%b}"


def moment_in_english(value: datetime) -> str:
    """An instant as readers of English read it, on Japan's clock: Tue 12 Dec 17:00."""
    there = value.astimezone(JAPAN)
    return f"{day_in_english(there.date())} {there:%H:%M}"


def points(value: int) -> str:
    """An amount as residents read it: points are not yen."""
    return f"{int(value):,}円分"


def points_in_english(value: int) -> str:
    """An amount as readers of English read it."""
    return f"{int(value):,} yen worth of points"


def field_names(fields: Sequence[str]) -> str:
    """The fields of a public entry, in words."""
    return "、".join(dict.fromkeys(_FIELD_NAMES.get(f, "登録の内容") for f in fields))


def _environment(*, escape: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day, moment=moment, field_names=field_names)
    made.filters.update(day_en=day_in_english, moment_en=moment_in_english)
    made.filters.update(points=points, points_en=points_in_english)
    return made


_TEXT = _environment(escape=False)
_HTML = _environment(escape=True)


@cache
def newest(language: str = LANGUAGE) -> Mapping[str, int]:
    """Every template there is, with its newest version; older ones stay for letters under way."""
    found: dict[str, int] = {}
    for file in (TEMPLATES / language).glob("*.txt"):
        if match := _VERSIONED.fullmatch(file.name):
            version = int(match["version"])
            found[match["name"]] = max(version, found.get(match["name"], 0))
    return found


def announced() -> frozenset[str]:
    """The templates of announcements: those that have a line for digests."""
    return frozenset(name for name in newest() if "summary" in _found(name, LANGUAGE).blocks)


def missing(languages: Sequence[str]) -> Mapping[str, list[str]]:
    """For each template of an announcement: the languages it has not been written in."""
    return {
        name: [language for language in languages if name not in newest(language)]
        for name in sorted(announced())
    }


def written(template: str, values: Mapping[str, Value], language: str = LANGUAGE) -> Writing:
    """The letter ``template`` makes of ``values``; ``Invalid`` where one is missing or empty."""
    if template not in newest():
        raise Invalid("letter-template-unknown", f"ひな形 {template} がありません。")
    empty = sorted(name for name, value in values.items() if value in ("", ()))
    if empty:
        raise Invalid("letter-value-missing", f"{template}: {'、'.join(empty)} が空です。")
    language = language if template in newest(language) else LANGUAGE
    found = _found(template, language)
    try:
        return Writing(
            subject=_PREFIXES.get(language, PREFIX) + one_line(_block(found, "subject", values)),
            text=_tidy(found.render(values)),
            version=newest(language)[template],
            summary=one_line(_block(found, "summary", values)),
            language=language,
        )
    except UndefinedError as why:
        raise Invalid("letter-value-missing", f"{template}: {why.message}") from None


def twin(subject: str, text: str, links: Sequence[str], language: str = LANGUAGE) -> str:
    """The same letter in simple HTML; only ``links``, alone on their line, can be followed."""
    paragraphs = [part.split("\n") for part in text.split("\n\n")]
    return _HTML.get_template("letter.html").render(
        language="en" if language == "en" else LANGUAGE,
        subject=subject,
        paragraphs=paragraphs,
        links=links,
    )


def _found(template: str, language: str) -> Template:
    version = newest(language)[template]
    return _TEXT.get_template(f"{language}/{template}.v{version}.txt")


def _block(template: Template, name: str, values: Mapping[str, Value]) -> str:
    if name not in template.blocks:
        return ""
    pieces: Iterator[str] = template.blocks[name](template.new_context(dict(values)))
    return "".join(pieces)


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
