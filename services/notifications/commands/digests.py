"""Digests: when a window ends, each of its readers gets one mail with everything they were told in it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from chassis.clock import day_of
from chassis.database import Connection, Record
from services.notifications.commands.letters import Desk
from services.notifications.model.letter import Box, Cause, Letter
from services.notifications.model.timing import Frequency
from services.notifications.model.writing import STOP_IS_IN_THE_MAIL, Value, written
from services.notifications.store import digests, letters

_NAMESPACE = UUID("5f0c2f5e-3a55-5b0e-9d3c-6c1f4f0f7a12")
_TEMPLATE = "digest"
#: Readers whose digests are written in one transaction.
_READERS = 2_000
#: The most lines of a digest; the rest is counted and found in the portal.
_LINES = 50
_MORE = {"ja": "ほか{}件", "easy": "ほかに {}件", "en": "and {} more"}


async def make_digests(conn: Connection, desk: Desk, at: datetime) -> bool:
    """Write the next digests of a window that has ended; whether there was any window to look at."""
    window = await digests.closed_for_update(conn)
    if window is None:
        return False
    groups = await digests.due_readers(conn, window["frequency"], window["ends_at"], _READERS)
    for group in groups:
        await _write(conn, desk, window, group, at)
    if sum(len(group["readers"]) for group in groups) < _READERS:
        await digests.finish_window(conn, window["frequency"], window["ends_at"], at)
    return True


async def _write(conn: Connection, desk: Desk, window: Record, group: Record, at: datetime) -> None:
    """Readers who are told the same in the same language share one letter."""
    frequency, ends_at = window["frequency"], window["ends_at"]
    told = "/".join(map(str, group["announcements"]))
    digest_id = uuid5(_NAMESPACE, f"{frequency}/{ends_at.isoformat()}/{told}")
    lines = await digests.words_of(conn, group["announcements"], group["language"])
    letter = _letter(desk, window, digest_id, group["language"], lines)
    await letters.add_letter(conn, letter)
    await digests.add_digests(conn, frequency, ends_at, letter.letter_id, group["readers"], at)


def _letter(
    desk: Desk, window: Record, digest_id: UUID, language: str, told: list[Record]
) -> Letter:
    ends_at: datetime = window["ends_at"]
    days = 7 if window["frequency"] == Frequency.WEEKLY else 1
    values: dict[str, Value] = {
        "count": len(told),
        "begins_on": day_of(ends_at - timedelta(days=days)),
        "ends_on": day_of(ends_at),
        "lines": _lines(desk, language, told),
        "page": f"{desk.public_url}/notices",
        "public_url": desk.public_url,
        "stop": STOP_IS_IN_THE_MAIL,
    }
    words = written(_TEMPLATE, values, language)
    return Letter(
        letter_id=uuid5(digest_id, language),
        cause=Cause(f"digest/{digest_id}", 1, ends_at),
        box=Box(),
        template=_TEMPLATE,
        version=words.version,
        language=language,
        subject=words.subject,
        text=words.text,
    )


def _lines(desk: Desk, language: str, told: list[Record]) -> list[str]:
    lines = [f"・{row['summary']}\n{desk.public_url}{row['address']}" for row in told[:_LINES]]
    if len(told) > _LINES:
        lines.append(_MORE[language].format(len(told) - _LINES))
    return lines
