"""Carry mails: take what is due, hand it over once, remember how it ended, and say so."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import now
from chassis.database import Connection, Record
from chassis.outbox import publish
from contracts.notifications import LetterBounced, LetterSent
from services.notifications.model.delivery import Delivery, Outcome, State
from services.notifications.model.writing import LINK_IS_IN_THE_MAIL, twin
from services.notifications.outside import Mail, Told
from services.notifications.store import attempts, deliveries, letters

#: A copy of the job that has been silent for so long is taken for dead. Were it alive after all, it would
#: find no leave to hand its mail over.
SILENCE = timedelta(seconds=5)
_ADDRESSES_KEPT = timedelta(days=90)


async def claim(
    conn: Connection, sender_id: UUID, *, limit: int, at: datetime, crowded: Sequence[str] = ()
) -> list[Delivery]:
    """Take mails that are due; each has its row of the try when this commits."""
    taken = []
    for mail in await deliveries.due_for_update(conn, at, limit, list(crowded)):
        if mail.is_late(at):
            await conclude(conn, mail, mail.found_late(at))
        else:
            taken.append(mail.claimed())
            await deliveries.save_delivery(conn, taken[-1])
    await attempts.add_attempts(conn, taken, sender_id, at)
    return taken


async def mail_of(
    conn: Connection, mail: Delivery, *, public_url: str, link_in: Callable[[Record], str | None]
) -> Mail:
    """What a claimed mail says; its link is opened here, for the way out only."""
    found = await letters.content_of(conn, mail.letter_id)
    link = link_in(found)
    text: str = found["text"]
    if link is not None:
        text = text.replace(LINK_IS_IN_THE_MAIL, link)
    links = [public_url] if link is None else [public_url, link]
    return Mail(
        delivery_id=mail.delivery_id,
        name=mail.name,
        address=mail.address or "",
        subject=found["subject"],
        text=text,
        html=twin(found["subject"], text, links, found["language"]),
        language=found["language"],
    )


async def hand_over(conn: Connection, mail: Delivery, at: datetime) -> bool:
    """Leave to give a mail's text to the server, given once for each try."""
    return await attempts.mark_handed(conn, mail.delivery_id, mail.attempts, at)


async def finish(conn: Connection, claimed: Delivery, told: Told, at: datetime) -> None:
    """Remember what the server said about a try."""
    mail = await deliveries.delivery_for_update(conn, claimed.delivery_id)
    ended = await attempts.end_attempt(
        conn, mail.delivery_id, claimed.attempts, told.outcome, told.answer, at
    )
    if ended and mail.awaits(claimed.attempts):
        await conclude(conn, mail, mail.after(told.outcome, told.answer, at))


async def take_back(conn: Connection, delivery_id: UUID, attempt: int, at: datetime) -> None:
    """A try whose copy of the job is gone: again if it was never handed over, else nobody knows."""
    mail = await deliveries.delivery_for_update(conn, delivery_id)
    outcome = await attempts.give_up_attempt(conn, delivery_id, attempt, at)
    if outcome is Outcome.NOT_SENT and mail.awaits(attempt):
        await conclude(conn, mail, mail.interrupted(at))
    elif outcome is Outcome.UNKNOWN and mail.awaits(attempt):
        await conclude(conn, mail, mail.after(Outcome.UNKNOWN, "", at))


async def ask_again(conn: Connection, delivery_id: UUID, by: str, at: datetime) -> None:
    """Send a mail once more, because a person wants it (再送)."""
    mail = await deliveries.delivery_for_update(conn, delivery_id)
    until = await letters.link_until(conn, mail.letter_id)
    await conclude(conn, mail, mail.asked_again(by, at, until))


async def confirm_arrival(conn: Connection, delivery_id: UUID, at: datetime) -> None:
    """A person made sure that a mail of unknown fate has arrived."""
    mail = await deliveries.delivery_for_update(conn, delivery_id)
    await conclude(conn, mail, mail.known_to_have_arrived(at))


async def take_return(conn: Connection, delivery_id: UUID, answer: str, at: datetime) -> None:
    """A mail came back after the server had taken it."""
    mail = await deliveries.delivery_for_update(conn, delivery_id)
    await conclude(conn, mail, mail.returned(answer, at))


async def forget(conn: Connection) -> None:
    """Throw away what is not needed any more: dead links, strangers' addresses, dead copies."""
    await letters.forget_links(conn, now())
    await deliveries.forget_addresses(conn, now() - _ADDRESSES_KEPT)
    await attempts.forget_senders(conn)


async def conclude(conn: Connection, before: Delivery, after: Delivery) -> None:
    """Save where a mail is now; say it where that is an end."""
    if after == before:
        return
    await deliveries.save_delivery(conn, after)
    if after.wide or after.state not in (State.SENT, State.FAILED):
        # How many mails of the same letter fared is told by its reach, not one by one.
        return
    row = await letters.said_about(conn, after.letter_id)
    shared = {
        "letter_id": row["letter_id"],
        "revision": row["revision"],
        "about": row["about"],
        "template": row["template"],
        "delivery_id": after.delivery_id,
        "member_id": after.contact_id,
    }
    if after.reason is None:
        publish(conn, LetterSent(**shared))
    else:
        about_revision = row["about_revision"]
        publish(conn, LetterBounced(**shared, reason=after.reason, about_revision=about_revision))
