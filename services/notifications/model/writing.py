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
LANGUAGE = "ja"
PREFIX = "【マチポ】"
LONGEST_SUBJECT = 30
#: Stands in the letter box where the mail has the one-time link.
LINK_IS_IN_THE_MAIL = "（リンクはメールにだけ書いてあります）"

_VERSIONED = re.compile(r"(?P<name>[a-z_]+)\.v(?P<version>[0-9]+)\.txt")
_WEEKDAYS = "月火水木金土日"
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


def day(value: date) -> str:
    """A day as people read it: 12月12日（火）."""
    return f"{value.month}月{value.day}日（{_WEEKDAYS[value.weekday()]}）"


def moment(value: datetime) -> str:
    """An instant as people in Japan read it: 12月12日（火）17:00."""
    there = value.astimezone(JAPAN)
    return f"{day(there.date())}{there:%H:%M}"


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
    return made


_TEXT = _environment(escape=False)
_HTML = _environment(escape=True)


@cache
def newest(language: str = LANGUAGE) -> Mapping[str, int]:
    """Every template there is, with its newest version; older ones stay for letters under way."""
    found: dict[str, int] = {}
    for file in (TEMPLATES / language).iterdir():
        if match := _VERSIONED.fullmatch(file.name):
            version = int(match["version"])
            found[match["name"]] = max(version, found.get(match["name"], 0))
    return found


def written(template: str, values: Mapping[str, Value]) -> Writing:
    """The letter ``template`` makes of ``values``; ``Invalid`` where one is missing or empty."""
    version = newest().get(template)
    if version is None:
        raise Invalid("letter-template-unknown", f"ひな形 {template} がありません。")
    empty = sorted(name for name, value in values.items() if value in ("", ()))
    if empty:
        raise Invalid("letter-value-missing", f"{template}: {'、'.join(empty)} が空です。")
    found = _TEXT.get_template(f"{LANGUAGE}/{template}.v{version}.txt")
    try:
        subject, text = _block(found, "subject", values), found.render(values)
    except UndefinedError as why:
        raise Invalid("letter-value-missing", f"{template}: {why.message}") from None
    return Writing(PREFIX + one_line(subject), _tidy(text), version)


def twin(subject: str, text: str, links: Sequence[str]) -> str:
    """The same letter in simple HTML; only ``links``, alone on their line, can be followed."""
    paragraphs = [part.split("\n") for part in text.split("\n\n")]
    return _HTML.get_template("letter.html").render(
        language=LANGUAGE, subject=subject, paragraphs=paragraphs, links=links
    )


def _block(template: Template, name: str, values: Mapping[str, Value]) -> str:
    pieces: Iterator[str] = template.blocks[name](template.new_context(dict(values)))
    return "".join(pieces)


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
