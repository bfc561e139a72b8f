"""Judges what a measure says, in its languages, with its papers and desks."""

from contracts.registry import HelpDesk, Paper, Text, Texts
from services.registry.model import reading
from services.registry.model.findings import Findings
from services.registry.model.measure.form import DocumentsSection, TextFields, TextsSection

LONGEST_BODY = 5000


def texts(section: TextsSection, found: Findings) -> Texts:
    """The languages of a measure; what is wrong with them is noted in ``found``."""
    return Texts(
        ja=_text(section.ja, found.within("ja"), "日本語"),
        easy=_text(section.easy, found.within("easy"), "やさしい日本語"),
        en=_text(section.en, found.within("en"), "英語") if _begun(section.en) else None,
    )


def _begun(typed: TextFields) -> bool:
    return any(part.strip() for part in (typed.title, typed.summary, typed.body))


def _text(typed: TextFields, found: Findings, language: str) -> Text:
    return Text(
        title=found.text("title", typed.title, f"施策の名前（{language}）", longest=60),
        summary=found.text("summary", typed.summary, f"ひとことの説明（{language}）", longest=200),
        body=found.text(
            "body", typed.body, f"本文（{language}）", longest=LONGEST_BODY, needed=False
        ),
    )


def papers(section: DocumentsSection, found: Findings) -> tuple[Paper, ...]:
    """The public documents."""
    wrong = ("url_shape", "アドレスは、https:// から始めて入れてください。")
    return tuple(
        Paper(
            title=line.text("title", typed.title, "書類の名前", longest=100),
            url=line.read("url", typed.url, "書類のアドレス", reading.url, wrong) or "",
        )
        for index, typed in enumerate(section.papers)
        for line in [found.within(f"papers.{index}")]
    )


def desks(section: DocumentsSection, found: Findings) -> tuple[HelpDesk, ...]:
    """Where people ask; a measure without anybody to ask is not taken."""
    if not section.desks:
        found.wrong("desks", "missing", "問い合わせ先を1つ以上入れてください。")
    wrong = ("phone_shape", "電話番号は、市外局番から入れてください。")
    return tuple(
        HelpDesk(
            name=line.text("name", typed.name, "窓口の名前", longest=60),
            telephone=line.read(
                "telephone", typed.telephone, "電話番号", reading.phone, wrong, needed=False
            )
            or "",
            hours=line.text("hours", typed.hours, "受付時間", longest=100, needed=False),
        )
        for index, typed in enumerate(section.desks)
        for line in [found.within(f"desks.{index}")]
    )
