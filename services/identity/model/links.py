"""Links that are mailed: single use, 256 bits, dead once a newer one is on its way."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Gone, NotFound


class Purpose(StrEnum):
    """What a link lets its holder do."""

    ACCOUNT_LINK = "account_link"
    FIRST_PASSWORD = "first_password"
    ACTIVATION = "activation"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


#: Links that set a password.
SETS_PASSWORD = frozenset(Purpose) - {Purpose.ACCOUNT_LINK}
#: Where the portal's pages for them are; the token is the last part of the address.
PAGES = {
    Purpose.ACCOUNT_LINK: "/accounts/confirm/",
    Purpose.FIRST_PASSWORD: "/accounts/password/",
    Purpose.ACTIVATION: "/accounts/password/",
    Purpose.INVITATION: "/accounts/invite/",
    Purpose.PASSWORD_RESET: "/signin/reset/",
}


class LinkState(StrEnum):
    """Whether a link still does anything."""

    USABLE = "usable"
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Link:
    """A mailed link, without its token."""

    id: UUID
    account_id: UUID
    member_id: UUID | None
    purpose: Purpose
    token_hash: bytes
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    replaced_at: datetime | None = None

    def state(self, now: datetime) -> LinkState:
        """What the link is good for now."""
        if self.used_at is not None:
            return LinkState.USED
        if self.replaced_at is not None:
            return LinkState.REPLACED
        return LinkState.EXPIRED if now >= self.expires_at else LinkState.USABLE

    def used(self, now: datetime, *purposes: Purpose) -> "Link":
        """This link after its one use, for one of ``purposes``."""
        state = self.state(now)
        if self.purpose not in purposes:
            raise no_such_link()
        if state is LinkState.USABLE:
            return replace(self, used_at=now)
        code, detail = _OVER[state]
        raise Gone(code, detail)

    def renewable(self, now: datetime) -> bool:
        """Whether its holder may have a fresh one mailed."""
        return self.state(now) in (LinkState.USABLE, LinkState.EXPIRED)


_OVER = {
    LinkState.USED: (
        "link-used",
        "このリンクはすでに使われています。アカウントIDはメールでお送りしています。",
    ),
    LinkState.REPLACED: (
        "link-replaced",
        "新しいリンクをお送りしたため、このリンクは使えません。いちばん新しいメールのリンクを開いてください。",
    ),
    LinkState.EXPIRED: (
        "link-expired",
        "リンクの期限が過ぎました。新しいリンクを送ってください。",
    ),
}


def no_such_link() -> NotFound:
    """The refusal for a token nobody knows, or of another purpose."""
    return NotFound(
        "no-such-link", "リンクを確かめられませんでした。メールのリンクをもう一度開いてください。"
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things last and how often they may be asked for; an operator may turn them."""

    link_hours: int = 24
    activation_hours: int = 336
    invitation_hours: int = 168
    reset_hours: int = 2
    #: A request nobody confirmed is over after this many days.
    request_days: int = 7
    #: What a request that came to nothing said about a person is forgotten after this many days.
    forget_days: int = 30
    mails_an_hour: int = 5
    mails_a_day: int = 15
    idle_minutes: int = 30
    session_hours: int = 12
    token_seconds: int = 60
    client_token_seconds: int = 600
    #: A resident's session nobody uses ends after this many minutes; any after this many hours.
    resident_idle_minutes: int = 10
    resident_hours: int = 2

    def lasts(self, purpose: Purpose) -> timedelta:
        """How long a link of ``purpose`` works."""
        hours = {
            Purpose.ACTIVATION: self.activation_hours,
            Purpose.INVITATION: self.invitation_hours,
            Purpose.PASSWORD_RESET: self.reset_hours,
        }
        return timedelta(hours=hours.get(purpose, self.link_hours))


def new_token() -> str:
    """256 bits of chance, to be put into an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is kept of a token: its chance is large enough that a fast hash hides it."""
    return hashlib.sha256(token.encode()).digest()
