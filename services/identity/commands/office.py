"""What commands are handed: keys, where the portal is, and the terms of the house."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from chassis.access import Keys
from chassis.ids import new_id
from contracts.identity import LetterContent
from contracts.notifications import ACCOUNT_LETTERS
from services.identity.model.accounts import READABLE, Account
from services.identity.model.certificates import Use, name_of
from services.identity.model.links import PAGES, Link, Purpose, Terms, hash_of, new_token
from services.identity.model.members import Member
from services.identity.outside.jpki import Closed, Jpki

_TEMPLATES = {
    Purpose.ACCOUNT_LINK: "account_link",
    Purpose.FIRST_PASSWORD: "account_issued",
    Purpose.ACTIVATION: "account_activation",
    Purpose.INVITATION: "invitation",
    Purpose.PASSWORD_RESET: "password_reset",
}


def _new_account_id(_: str) -> UUID:
    return new_id()


def _five_letters(_: str) -> str:
    return "".join(secrets.choice(READABLE) for _ in range(5))


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is being mailed: what is kept of it, and the token that is not."""

    link: Link
    token: str


@dataclass(frozen=True, slots=True)
class Office:
    """Writes letters that only notifications can open; every link begins with the one configured origin."""

    keys: Keys
    public_url: str
    terms: Terms = field(default_factory=Terms)
    #: The day provisional accounts become full ones, unless an import says otherwise.
    promote_on: date | None = None
    #: Where chance comes from; the demo knows its own beforehand.
    tokens: Callable[[], str] = new_token
    account_ids: Callable[[str], UUID] = _new_account_id
    letters: Callable[[str], str] = _five_letters
    #: The issuer of the residents' cards, and what hides the numbers of their certificates.
    jpki: Jpki = field(default_factory=Closed)
    card_secret: bytes = b""
    #: Set when a public door was asked something; the job that answers waits for it.
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def kept(self, issuer: bytes, use: Use, serial: int) -> bytes:
        """All that is kept of a certificate's number."""
        name = issuer + use.encode() + serial.to_bytes(20, "big")
        return hmac.digest(self.card_secret, name, "sha256")

    def issuers(self) -> list[bytes]:
        """The issuers of cards, as the hashes of certificates name them."""
        return [name_of(root) for root in self.jpki.roots()]

    def new_link(
        self, account: Account, member: Member | None, purpose: Purpose, now: datetime
    ) -> NewLink:
        """A fresh link for an account's requester or for one of its members."""
        token = self.tokens()
        link = Link(
            id=new_id(),
            account_id=account.id,
            member_id=member.id if member else None,
            purpose=purpose,
            token_hash=hash_of(token),
            created_at=now,
            expires_at=now + self.terms.lasts(purpose),
        )
        return NewLink(link, token)

    def link_letter(
        self, new: NewLink, account: Account, *, to: tuple[str, str], sign_in_id: str | None
    ) -> str:
        """The letter that carries a link to (address, name), sealed."""
        values = {
            "link": self.public_url.rstrip("/") + PAGES[new.link.purpose] + new.token,
            "expires_at": new.link.expires_at.isoformat(),
            "organisation_name": account.organisation_name,
        }
        if sign_in_id is not None:
            values["sign_in_id"] = sign_in_id
        return self._sealed(_TEMPLATES[new.link.purpose], to, values)

    def member_link_letter(self, new: NewLink, account: Account, member: Member) -> str:
        """The letter that carries a link to a member, sealed."""
        to = (member.email, member.name)
        return self.link_letter(new, account, to=to, sign_in_id=member.sign_in_id)

    def letter(self, template: str, account: Account, member: Member, **values: str) -> str:
        """A letter without a link to a member, sealed."""
        said = {
            "organisation_name": account.organisation_name,
            "sign_in_id": member.sign_in_id,
            **values,
        }
        return self._sealed(template, (member.email, member.name), said)

    def _sealed(self, template: str, to: tuple[str, str], values: dict[str, str]) -> str:
        missing = ACCOUNT_LETTERS.get(template, frozenset()) - values.keys()
        if missing:
            raise ValueError(f"letter {template} lacks {', '.join(sorted(missing))}")
        content = LetterContent(to_address=to[0], to_name=to[1], template=template, values=values)
        return self.keys.seal("notifications", content.model_dump_json())
