"""Who wants to hear what: members in the portal, readers from outside by mail, asked once more before it begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Connection, Record
from chassis.ids import new_id
from chassis.refusal import Conflict, FieldError, Gone, Invalid, NotFound
from services.notifications.commands.letters import Desk, Recipient, put_in_line
from services.notifications.model.address import usable
from services.notifications.model.facets import Matching, sorts_in, wanted
from services.notifications.model.letter import Box, Cause, Letter, letter_id_of
from services.notifications.model.timing import Frequency
from services.notifications.model.writing import LINK_IS_IN_THE_MAIL, Value, written
from services.notifications.store import letters, subscribers, tellings

CONFIRM = "follow_confirm"
_CONFIRM_WITHIN = timedelta(hours=24)
_UNCONFIRMED_KEPT = timedelta(days=7)
_MOST = 50
#: Mails that ask one address for a confirmation, in a day. More would let anybody bury somebody in mail.
_ASKED_A_DAY = 3
_ADDRESSEES = {"ja": "ご登録の方", "easy": "申込みの 方", "en": "the reader"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of, and how soon."""

    matching: Matching
    facets: list[str]
    frequency: Frequency

    @classmethod
    def of(cls, matching: Matching, facets: list[str], frequency: Frequency) -> "Wish":
        """The wish, with facets that can be understood."""
        return cls(matching, wanted(facets), frequency)


_FROM_THE_START = Wish.of(
    Matching.ANY, ["kind:maintenance", "kind:notice", "kind:document"], Frequency.AT_ONCE
)


async def begin_following(conn: Connection, member_id: UUID, at: datetime) -> None:
    """A member hears of what concerns everybody who works with the portal, until they choose otherwise."""
    if await subscribers.add_member(conn, member_id):
        await follow(conn, member_id, _FROM_THE_START, at)


async def follow(conn: Connection, subscriber_id: UUID, wish: Wish, at: datetime) -> UUID:
    """A subscription of a member, who is known: it begins at once."""
    added = await _add(conn, subscriber_id, wish, "open", at)
    found: UUID = added["subscription_id"]
    return found


async def ask_to_follow(
    conn: Connection, desk: Desk, address: str, language: str, wish: Wish, at: datetime
) -> None:
    """A subscription of somebody at an address: a mail asks there first, and nothing says who is known."""
    reachable = usable(address)
    if reachable is None:
        detail = "メールアドレスの形を確かめてください。"
        raise Invalid("address-unusable", detail, errors=[FieldError("address", "shape", detail)])
    reader = await subscribers.add_reader(conn, new_id(), reachable, language)
    if await subscribers.hold_subscriptions(conn, reader) >= _MOST:
        return
    if await subscribers.asked_since(conn, reader, at - timedelta(days=1)) >= _ASKED_A_DAY:
        return
    added = await _add(conn, reader, wish, "asked", at)
    if added["state"] == "asked":
        await _ask(conn, desk, added["subscription_id"], reachable, language, at)


async def confirm(conn: Connection, subscription_id: UUID, at: datetime) -> UUID:
    """The reader says that this is wanted; saying so again changes nothing."""
    found = await subscribers.subscription(conn, subscription_id)
    if found is None or (found["state"] == "asked" and found["asked_at"] + _CONFIRM_WITHIN <= at):
        raise Gone(
            "confirmation-over", "このリンクは期限を過ぎています。もう一度申し込んでください。"
        )
    await subscribers.open_subscription(conn, subscription_id)
    reader: UUID = found["subscriber_id"]
    return reader


async def change_pace(
    conn: Connection, subscriber_id: UUID, subscription_id: UUID, frequency: Frequency
) -> None:
    """Tell at another pace."""
    await _own(conn, subscriber_id, subscription_id)
    await subscribers.change_frequency(conn, subscription_id, frequency)


async def stop_one(
    conn: Connection, subscriber_id: UUID, subscription_id: UUID, at: datetime
) -> None:
    """Tell nothing of this any more; with the last one everything ends."""
    await _own(conn, subscriber_id, subscription_id)
    await subscribers.remove_subscription(conn, subscription_id)
    if not await subscribers.subscriptions(conn, subscriber_id):
        await stop(conn, subscriber_id, at)


async def stop(conn: Connection, subscriber_id: UUID, at: datetime) -> None:
    """Tell nothing any more, nor what is in line; doing so again changes nothing."""
    await subscribers.remove_subscriptions(conn, subscriber_id)
    await tellings.drop(conn, subscriber_id, at)


async def forget(conn: Connection, at: datetime) -> None:
    """Forget what nobody confirmed."""
    await subscribers.forget_unconfirmed(conn, at - _UNCONFIRMED_KEPT)


async def _own(conn: Connection, subscriber_id: UUID, subscription_id: UUID) -> Record:
    found = await subscribers.subscription(conn, subscription_id)
    if found is None or found["subscriber_id"] != subscriber_id:
        raise NotFound("no-such-subscription", "この受け取り設定は見つかりません。")
    return found


async def _add(
    conn: Connection, subscriber_id: UUID, wish: Wish, state: str, at: datetime
) -> Record:
    if await subscribers.hold_subscriptions(conn, subscriber_id) >= _MOST:
        raise Conflict(
            "subscriptions-full", f"受け取り設定は{_MOST}件までです。要らないものを止めてください。"
        )
    return await subscribers.add_subscription(
        conn,
        new_id(),
        subscriber_id,
        matching=wish.matching,
        facets=wish.facets,
        sorts=sorts_in(wish.facets),
        frequency=wish.frequency,
        state=state,
        at=at,
    )


async def _ask(
    conn: Connection, desk: Desk, subscription_id: UUID, address: str, language: str, at: datetime
) -> None:
    cause = Cause(f"subscription/{subscription_id}", int(at.timestamp() * 1000), at)
    until = at + _CONFIRM_WITHIN
    values: dict[str, Value] = {
        "expires_at": until,
        "link": LINK_IS_IN_THE_MAIL,
        "addressee": _ADDRESSEES[language],
        "public_url": desk.public_url,
    }
    words = written(CONFIRM, values, language)
    letter = Letter(
        letter_id=letter_id_of(cause, CONFIRM, Box()),
        cause=cause,
        box=Box(),
        template=CONFIRM,
        version=words.version,
        language=language,
        subject=words.subject,
        text=words.text,
        link_until=until,
    )
    await letters.add_letter(conn, letter)
    await put_in_line(conn, letter.letter_id, letter.send_by, Recipient("", address))
