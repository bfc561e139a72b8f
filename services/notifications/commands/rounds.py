"""Many mails of one letter: taken together, written for each reader, ended together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.notifications.commands.letters import Desk
from services.notifications.model.delivery import Delivery, Outcome
from services.notifications.model.writing import STOP_IS_IN_THE_MAIL, twin
from services.notifications.outside import Mail, Told
from services.notifications.store import letters, rounds
from services.notifications.store.deliveries import delivery_of

#: Letters kept in memory; few are under way at a time.
_KEPT = 50
#: Stands for the link of each reader while the rest of the letter is made once for all of them.
_PLACE = "0" * 44


@dataclass(frozen=True, slots=True)
class Ended:
    """A mail of a round and what the server said; nothing where it was given back untried."""

    mail: Delivery
    told: Told | None


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    text: str
    html: str
    language: str
    place: str


class Letters:
    """What mails of letters for many say."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[UUID, _Words] = {}

    async def fetch(self, conn: Connection, mails: Iterable[Delivery]) -> None:
        """Know the letters of these mails."""
        for letter_id in {mail.letter_id for mail in mails} - self._known.keys():
            if len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            found = await letters.content_of(conn, letter_id)
            self._known[letter_id] = self._words(found["subject"], found["text"], found["language"])

    def mail(self, mail: Delivery) -> Mail:
        """What one reader's mail says, with the link that stops it."""
        words = self._known[mail.letter_id]
        link = self._desk.stop_link(mail.contact_id or mail.delivery_id)
        return Mail(
            delivery_id=mail.delivery_id,
            name=mail.name,
            address=mail.address or "",
            subject=words.subject,
            text=words.text.replace(words.place, link),
            html=words.html.replace(words.place, link),
            language=words.language,
            stop_link=link,
        )

    def _words(self, subject: str, text: str, language: str) -> _Words:
        place = f"{self._desk.public_url}/follow/{_PLACE}"
        text = text.replace(STOP_IS_IN_THE_MAIL, place)
        ours = [line for line in text.splitlines() if line.startswith(self._desk.public_url)]
        return _Words(subject, text, twin(subject, text, ours, language), language, place)


async def claim(
    conn: Connection, sender_id: UUID, route: str, *, crowded: list[str], limit: int, at: datetime
) -> list[Delivery]:
    """Take a round of mails; each may be handed over when this commits."""
    rows = await rounds.claim(conn, sender_id, route, crowded=crowded, limit=limit, at=at)
    return [delivery_of(row) for row in rows]


async def end(conn: Connection, told: list[Ended], at: datetime) -> None:
    """Remember how the mails of a round fared."""
    await rounds.end(conn, [_ended(one, at) for one in told], at)


async def expire(conn: Connection, at: datetime) -> None:
    """End what nobody could hand over in time."""
    await rounds.expire(conn, at)


def _ended(one: Ended, at: datetime) -> tuple[Delivery, str, str]:
    if one.told is None:
        return one.mail.given_back(at), Outcome.NOT_SENT, ""
    after = one.mail.after(one.told.outcome, one.told.answer, at)
    return after, one.told.outcome, one.told.answer
