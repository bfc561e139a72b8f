"""Announce something to whoever wants to hear of it: write it once in each language, then tell readers in sets."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from chassis.database import Connection
from services.notifications.commands.letters import Desk
from services.notifications.model.announcement import LANGUAGES, Announcement
from services.notifications.model.letter import Box, Letter
from services.notifications.model.timing import Frequency, window_end
from services.notifications.model.writing import (
    LANGUAGE,
    STOP_IS_IN_THE_MAIL,
    Value,
    Writing,
    written,
)
from services.notifications.store import announcements, digests, letters, tellings

#: Readers told in one transaction.
_READERS = 5_000
_DIGESTS = ("daily", "weekly")
#: Said above a text whose own language is missing.
_NOT_YET = {
    "easy": "やさしい日本語の 文は まだ ありません。ふつうの 日本語で 送ります。",
    "en": "This is not yet available in English. The Japanese text follows.",
}


async def announce(conn: Connection, desk: Desk, made: Announcement) -> None:
    """Write an announcement in every language; readers are told by the job that spreads it."""
    if not await announcements.add_announcement(conn, made):
        return
    for language in LANGUAGES:
        words = _words(desk, made, language)
        letter = _letter(made, language, words)
        await letters.add_letter(conn, letter)
        await announcements.add_words(conn, made, language, letter.letter_id, words)


async def spread(conn: Connection, at: datetime, *, limit: int = _READERS) -> bool:
    """Tell the next readers of the next announcement; whether there was one."""
    row = await announcements.spreading_for_update(conn)
    if row is None:
        return False
    ends = {name: await _open_window(conn, Frequency(name), at) for name in _DIGESTS}
    told = await tellings.tell(conn, row, at, ends, limit=limit)
    last = told["last"] if told["readers"] == limit else None
    await announcements.save_spread(conn, row["announcement_id"], last, at)
    return True


async def _open_window(conn: Connection, frequency: Frequency, at: datetime) -> datetime:
    end = window_end(frequency, at)
    while not await digests.is_open(conn, frequency, end):
        # Its digests are being written already: who is told now is told in the next.
        end = window_end(frequency, end + timedelta(seconds=1))
    return end


def _words(desk: Desk, made: Announcement, language: str) -> Writing:
    known = made.values.get(language)
    said: dict[str, Value] = {
        **(known or made.values[LANGUAGE]),
        "page": desk.public_url + _prefix(language) + made.address,
        "public_url": desk.public_url,
        "stop": STOP_IS_IN_THE_MAIL,
    }
    words = written(made.template, said, language if known else LANGUAGE)
    if words.language == language:
        return words
    text = f"{_NOT_YET[language]}\n\n{words.text}"
    return Writing(words.subject, text, words.version, words.summary, words.language)


def _prefix(language: str) -> str:
    return "" if language == LANGUAGE else f"/{language}"


def _letter(made: Announcement, language: str, words: Writing) -> Letter:
    return Letter(
        letter_id=letter_of(made.announcement_id, language),
        cause=made.cause,
        box=Box(),
        template=made.template,
        version=words.version,
        language=language,
        subject=words.subject,
        text=words.text,
    )


def letter_of(announcement_id: UUID, language: str) -> UUID:
    """The letter of an announcement in a language."""
    return uuid5(announcement_id, language)
