"""Residents are told of their applications and points, and say how: the language, what by mail, and where to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import now
from chassis.database import Connection, Record
from chassis.ids import new_id
from chassis.refusal import FieldError, Gone, Invalid, NotFound, Stale, TooMany
from services.notifications.commands.letters import Desk, Order, Recipient, write
from services.notifications.model.address import usable
from services.notifications.model.letter import Box, Cause
from services.notifications.model.residents import ASKED_A_DAY, PROVE_WITHIN, Topic, is_over
from services.notifications.model.timing import QuietHours, held_until
from services.notifications.model.writing import LANGUAGE, LINK_IS_IN_THE_MAIL, Value
from services.notifications.store import contacts, names, residents

PROVE = "address_confirm"
_ASKS_KEPT = timedelta(days=7)
_ADDRESSEES = {"ja": "申込みをされた方", "easy": "申込みを した 方", "en": "the applicant"}
#: What stands in a letter that is written before the register's own words have been heard.
_A_MEASURE = {"ja": "お申し込みの施策", "easy": "申し込んだ 施策", "en": "your scheme"}
_A_MUNICIPALITY = {"ja": "市区町村", "easy": "市区町村", "en": "the municipality"}
_A_SERVICE = {
    "ja": "えらんだ決済サービス",
    "easy": "えらんだ サービス",
    "en": "the service you chose",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a letter is for, and which measure it is about, if it is about one."""

    resident_id: UUID
    topic: Topic
    measure_id: UUID | None = None
    municipality_id: UUID | None = None


async def tell_resident(
    conn: Connection,
    desk: Desk,
    cause: Cause,
    told: Told,
    template: str,
    values: Mapping[str, Value],
    *,
    by_mail: bool = True,
) -> None:
    """A letter into a resident's box, and by mail where the resident wants that."""
    known = await residents.resident(conn, told.resident_id)
    language = known["language"] if known else LANGUAGE
    named = await _names_in(conn, told, language)
    address = known["address"] if known and told.topic in known["by_mail"] else None
    mailed = by_mail and address is not None
    order = Order(
        cause=cause,
        box=Box(member_id=told.resident_id),
        template=template,
        values={**named, **await _with_service(conn, values, language)},
        addressee=_ADDRESSEES[language],
        by_mail=mailed,
        language=language,
    )
    # Without an account of ours behind it, the address is forgotten when the mail is long over.
    to = [Recipient("", address, held_until=_held(known))] if mailed and address else []
    await write(conn, desk, order, to)


def _held(known: Record | None) -> datetime | None:
    """The end of the hours in which a resident wants no mail, if it is within them."""
    if known is None or known["quiet_from"] is None:
        return None
    return held_until(QuietHours(known["quiet_from"], known["quiet_until"]), now())


async def _names_in(conn: Connection, told: Told, language: str) -> Mapping[str, Value]:
    """What the measure and its municipality are called, where the letter is about one."""
    if told.measure_id is None or told.municipality_id is None:
        return {}
    title = await names.measure_title(conn, told.measure_id)
    municipality = await contacts.organisation_name(conn, told.municipality_id)
    return {
        "title": title or _A_MEASURE[language],
        "municipality": municipality or _A_MUNICIPALITY[language],
    }


async def _with_service(
    conn: Connection, values: Mapping[str, Value], language: str
) -> Mapping[str, Value]:
    """The values, with the payment service called by its name."""
    if "service" not in values:
        return values
    name = await names.service_name(conn, str(values["service"]))
    return {**values, "service": name or _A_SERVICE[language]}


async def choose(
    conn: Connection,
    resident_id: UUID,
    revision: int,
    *,
    language: str,
    by_mail: Collection[Topic],
    quiet: QuietHours | None = None,
) -> None:
    """In which language to write, what by mail, and when not."""
    await residents.add_resident(conn, resident_id)
    known = await _known(conn, resident_id)
    # Who has never said anything has seen version 0.
    if known["revision"] != max(revision, 1):
        raise Stale(
            "version-stale",
            "ほかの画面で設定が変わっています。画面を開き直してから、もう一度お試しください。",
        )
    await residents.save_wishes(conn, resident_id, language=language, by_mail=by_mail, quiet=quiet)


async def ask_for_address(
    conn: Connection, desk: Desk, resident_id: UUID, address: str, at: datetime
) -> None:
    """A mail asks at an address whether it is the resident's; nothing else goes there before."""
    reachable = usable(address)
    if reachable is None:
        detail = "メールアドレスの形を確かめてください。"
        raise Invalid("address-unusable", detail, errors=[FieldError("address", "shape", detail)])
    await residents.add_resident(conn, resident_id)
    known = await _known(conn, resident_id)
    if (
        await residents.asked_since(conn, resident_id, reachable, at - timedelta(days=1))
        >= ASKED_A_DAY
    ):
        raise TooMany(
            "address-asked-often",
            "確認のメールは1日に3通までです。迷惑メールの入れ物も見て、明日もう一度お試しください。",
        )
    ask_id = new_id()
    await residents.add_ask(conn, ask_id, resident_id, reachable, at)
    until = at + PROVE_WITHIN
    order = Order(
        cause=Cause(f"address/{ask_id}", 1, at),
        # In nobody's box: the link alone is worth something.
        box=Box(),
        template=PROVE,
        values={"link": LINK_IS_IN_THE_MAIL, "expires_at": until},
        addressee=_ADDRESSEES[known["language"]],
        language=known["language"],
        link_until=until,
    )
    await write(conn, desk, order, [Recipient("", reachable)])


async def asked(conn: Connection, resident_id: UUID, ask_id: UUID, at: datetime) -> Record:
    """The question a link answers, if it is this resident's and still open, or was answered by this link."""
    found = await residents.ask(conn, ask_id)
    if found is None or found["resident_id"] != resident_id:
        raise NotFound(
            "no-such-link",
            "このリンクは、いまログインしている方のものではありません。設定した方のカードでログインしてください。",
        )
    known = await _known(conn, resident_id)
    replaced = found["confirmed_at"] is None and known["asking"] != ask_id
    if replaced or (found["confirmed_at"] is None and is_over(found["asked_at"], at)):
        raise Gone(
            "confirmation-over",
            "このリンクは期限を過ぎたか、新しいものに替わっています。設定の画面からもう一度送ってください。",
        )
    return found


async def confirm_address(conn: Connection, resident_id: UUID, ask_id: UUID, at: datetime) -> None:
    """Mails go there from now on; saying so again changes nothing."""
    found = await asked(conn, resident_id, ask_id, at)
    if found["confirmed_at"] is None:
        await residents.end_ask(conn, ask_id, at)
        await residents.save_address(conn, resident_id, found["address"])


async def forget_address(conn: Connection, resident_id: UUID) -> None:
    """Nothing goes out by mail any more; everything still lies in the box."""
    await residents.save_address(conn, resident_id, None)


async def forget(conn: Connection, at: datetime) -> None:
    """Forget addresses that were asked about and are not needed."""
    await residents.forget_asks(conn, at - _ASKS_KEPT)


async def _known(conn: Connection, resident_id: UUID) -> Record:
    found = await residents.resident(conn, resident_id, locked=True)
    if found is None:
        raise NotFound("no-such-resident", "まだ何も設定されていません。")
    return found
