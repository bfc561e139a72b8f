"""Accounts of organisations (アカウント): from a request or an import to a full account, and its end."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict
from contracts.values import OrganisationKind

_LETTERS = {
    OrganisationKind.MUNICIPALITY: "m",
    OrganisationKind.PROVIDER: "p",
    OrganisationKind.SECRETARIAT: "s",
}
#: What a sign-in id of a provider is made of: nothing that is misread over the telephone.
READABLE = "23456789abcdefghjkmnpqrstuvwxyz"


class AccountState(StrEnum):
    """How far an account has come."""

    REQUESTED = "requested"
    MAIL_BOUNCED = "mail_bounced"
    EXPIRED = "expired"
    PROVISIONAL = "provisional"
    ISSUED = "issued"
    ACTIVE = "active"
    CLOSED = "closed"


#: Accounts somebody can sign in with.
USABLE = frozenset({AccountState.PROVISIONAL, AccountState.ISSUED, AccountState.ACTIVE})
#: Requests that may still become an account.
PENDING = frozenset({AccountState.REQUESTED, AccountState.MAIL_BOUNCED})


@dataclass(frozen=True, slots=True)
class Account:
    """One organisation's account; its id is also the organisation's id."""

    id: UUID
    revision: int
    organisation_kind: OrganisationKind
    organisation_code: str
    organisation_name: str
    state: AccountState
    created_at: datetime
    sign_in_prefix: str | None = None
    members_numbered: int = 0
    mail_sent_at: datetime | None = None
    mail_bounced_at: datetime | None = None
    issued_at: datetime | None = None
    promote_on: date | None = None
    promoted_at: datetime | None = None
    activated_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None

    def _next(self, **changes: object) -> "Account":
        return replace(self, revision=self.revision + 1, **changes)  # type: ignore[arg-type]

    def touched(self) -> "Account":
        """This account after something was said of its members."""
        return self._next()

    def link_renewed(self) -> "Account":
        """This account with a new link on its way; an address that bounced gets another chance."""
        if self.state is AccountState.MAIL_BOUNCED:
            return self._next(state=AccountState.REQUESTED, mail_sent_at=None)
        return self._next(mail_sent_at=None)

    def bounced(self, at: datetime) -> "Account":
        """This account with a letter that came back."""
        if self.state is AccountState.REQUESTED:
            return self._next(state=AccountState.MAIL_BOUNCED, mail_bounced_at=at)
        return self._next(mail_bounced_at=at)

    def expired(self) -> "Account":
        """This request, over because nobody opened its link."""
        if self.state not in PENDING:
            raise Conflict("request-decided", "この申請はすでに手続きが済んでいます。")
        return self._next(state=AccountState.EXPIRED)

    def issued(self, prefix: str, at: datetime) -> "Account":
        """This account with its ID given out, because its address was proven."""
        if self.state not in PENDING:
            raise Conflict("request-decided", "この申請はすでに手続きが済んでいます。")
        return self._next(state=AccountState.ISSUED, sign_in_prefix=prefix, issued_at=at)

    def due(self, today: date) -> bool:
        """Whether it is a provisional account whose day has come."""
        return (
            self.state is AccountState.PROVISIONAL
            and self.promote_on is not None
            and self.promote_on <= today
        )

    def promoted(self, today: date, at: datetime) -> "Account":
        """This account as a full one (本アカウント), with nobody acting."""
        if not self.due(today):
            raise Conflict(
                "account-not-due", "この仮アカウントが切り替わる日は、まだ来ていません。"
            )
        state = AccountState.ACTIVE if self.activated_at else AccountState.ISSUED
        return self._next(state=state, issued_at=at, promoted_at=at)

    def activated(self, at: datetime) -> "Account":
        """This account after its first sign-in."""
        state = AccountState.ACTIVE if self.state is AccountState.ISSUED else self.state
        return self._next(state=state, activated_at=at)

    def closed(self, reason: str, at: datetime) -> "Account":
        """This account, closed for good."""
        if self.state in (AccountState.CLOSED, AccountState.EXPIRED):
            raise Conflict("account-over", "このアカウントはすでに終わっています。")
        return self._next(state=AccountState.CLOSED, closed_at=at, close_reason=reason)

    def numbered(self) -> tuple["Account", str]:
        """This account with one more sign-in id given out, and the id."""
        number = self.members_numbered + 1
        return replace(self, members_numbered=number), f"{self.sign_in_prefix}-{number:02d}"

    @property
    def usable(self) -> bool:
        """Whether its members may sign in."""
        return self.state in USABLE


def prefix_of(kind: OrganisationKind, code: str, chance: str, taken: int) -> str:
    """What the sign-in ids of an account begin with.

    Municipalities are told apart by their code, so that a clerk recognises the own id; ``taken`` earlier accounts
    of the same code make it end in another letter. Others get five letters of ``chance``.
    """
    letter = _LETTERS[kind]
    if kind is OrganisationKind.PROVIDER:
        return letter + chance
    if kind is OrganisationKind.SECRETARIAT:
        return f"{letter}{taken + 1:06d}"
    return letter + code + ("" if taken == 0 else READABLE[7 + taken] if taken < 23 else chance)
