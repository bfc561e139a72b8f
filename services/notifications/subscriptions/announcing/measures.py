"""What the registry says about public measures: news for those who follow a place, a purpose or a service."""

from collections.abc import Mapping

from chassis.database import Connection
from chassis.folding import fold
from contracts.event import Fact
from contracts.registry import (
    MeasureCancelled,
    MeasureChanged,
    MeasureClosed,
    MeasureEntry,
    MeasureOpened,
    MeasurePaused,
    MeasurePublished,
    MeasureResumed,
    PublicMeasureFact,
)
from services.notifications.commands.announcements import announce
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.model.announcement import Announcement
from services.notifications.model.facets import amount_steps, word_in
from services.notifications.model.writing import Value
from services.notifications.store import subscribers
from services.notifications.subscriptions.writing import Writer, cause_of


async def _news(desk: Desk, conn: Connection, fact: PublicMeasureFact) -> None:
    entry = fact.entry
    await announce(
        conn,
        desk,
        Announcement(
            cause=cause_of(fact),
            kind="measure",
            template="measure_news",
            address=f"/measures/{fact.measure_id}",
            values=_values(fact),
            facets=_facets(fact) | await _words(conn, entry),
        ),
    )


def _facets(fact: PublicMeasureFact) -> frozenset[str]:
    entry = fact.entry
    found = {
        f"category:{entry.purpose}",
        f"municipality:{entry.municipality_code}",
        f"measure:{fact.measure_id}",
        f"grant_type:{entry.amount.grant_type}",
        f"entry_type:{entry.entry_type}",
        *amount_steps(entry.amount.most_yen),
        *(f"provider:{service.provider_id}" for service in entry.services),
        *(f"service:{service.code}" for service in entry.services),
    }
    return frozenset(
        found | ({f"prefecture:{entry.prefecture_code}"} if entry.prefecture_code else set())
    )


async def _words(conn: Connection, entry: MeasureEntry) -> frozenset[str]:
    """The words somebody follows that stand in the measure."""
    texts = [entry.texts.ja, entry.texts.easy, *([entry.texts.en] if entry.texts.en else [])]
    parts = [part for text in texts for part in (text.title, text.summary, text.body)]
    parts += [entry.municipality_name, *(service.name for service in entry.services)]
    text = "\n".join(fold(part) for part in parts)
    wanted = await subscribers.words_wanted(conn)
    return frozenset(facet for facet in wanted if word_in(facet) in text)


def _values(fact: PublicMeasureFact) -> dict[str, Mapping[str, Value]]:
    entry, texts = fact.entry, fact.entry.texts
    languages = {"ja": texts.ja, "easy": texts.easy} | ({"en": texts.en} if texts.en else {})
    return {
        language: {
            "happened": fact.type.split(".")[2],
            "place": one_line(entry.municipality_name),
            "title": one_line(text.title),
            "apply_from": entry.apply_from,
            "apply_until": entry.apply_until,
            "words": _said(fact) or text.summary or one_line(text.title),
        }
        for language, text in languages.items()
    }


def _said(fact: PublicMeasureFact) -> str:
    """What the municipality itself said about this change; in Japanese."""
    if isinstance(fact, MeasureChanged):
        return fact.note
    if isinstance(fact, MeasurePaused | MeasureCancelled):
        return fact.reason
    return fact.message if isinstance(fact, MeasureClosed) else ""


WRITERS: Mapping[type[Fact], Writer] = dict.fromkeys(
    (
        MeasurePublished,
        MeasureOpened,
        MeasureChanged,
        MeasurePaused,
        MeasureResumed,
        MeasureClosed,
        MeasureCancelled,
    ),
    _news,
)
