"""A payment service tied to a person (紐づけ): whether its provider knows the account, and whether it may be used."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid
from services.benefits.model.holder import Holder

#: So long a refused account is not asked about again; then the provider may have changed its mind.
_REST = timedelta(minutes=10)


class Checked(StrEnum):
    """What a provider said of an account."""

    UNASKED = "unasked"
    OK = "ok"
    REFUSED = "refused"
    #: The provider has no check: the order itself will tell.
    CANNOT = "cannot"


class AccountResult(StrEnum):
    """What a provider may answer when it is asked about an account."""

    OK = "ok"
    NOT_FOUND = "not_found"
    CODE_MISMATCH = "code_mismatch"
    CLOSED = "closed"
    NOT_ELIGIBLE = "not_eligible"
    ALREADY_LINKED = "already_linked"
    NAME_MISMATCH = "name_mismatch"


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """What a provider said of an account, and of the name it is kept under."""

    said: AccountResult
    holder: Holder = Holder.CANNOT_SAY

    @property
    def result(self) -> AccountResult:
        """What follows of both: an account under another name is nobody's to use here."""
        if self.said is AccountResult.OK and self.holder is Holder.NO_MATCH:
            return AccountResult.NAME_MISMATCH
        return self.said


class StopReason(StrEnum):
    """Why a link is stopped."""

    LOST = "lost"
    CLOSED = "closed"
    DECEASED = "deceased"
    FRAUD = "fraud"
    #: It belongs to somebody else.
    MISLINK = "mislink"


#: What a refusal of an account is called in orders and facts.
REFUSALS = {
    AccountResult.NOT_FOUND: "ACCOUNT_NOT_FOUND",
    AccountResult.CODE_MISMATCH: "SECURITY_CODE_MISMATCH",
    AccountResult.CLOSED: "ACCOUNT_CLOSED",
    AccountResult.NOT_ELIGIBLE: "ACCOUNT_NOT_ELIGIBLE",
    AccountResult.ALREADY_LINKED: "ALREADY_LINKED",
    AccountResult.NAME_MISMATCH: "NAME_MISMATCH",
}
_OTHERWISE = (
    "この受け取り先では受け取れませんでした。番号を確かめるか、別の決済サービスを選んでください。"
)
_ADVICE = {
    "ACCOUNT_NOT_FOUND": "決済サービスに、この番号の会員が見つかりません。"
    "アプリの会員番号を見ながら、もう一度入力してください。",
    "SECURITY_CODE_MISMATCH": "決済サービスに登録された内容と合いません。"
    "アプリの画面の番号を確かめて、もう一度入力してください。",
    "ACCOUNT_CLOSED": "このアカウントは、すでに閉じられています。別の決済サービスを選んでください。",
    "ACCOUNT_SUSPENDED": "このアカウントは止められています。"
    "決済サービスの窓口に確かめるか、別の決済サービスを選んでください。",
    "ACCOUNT_NOT_ELIGIBLE": "このアカウントではポイントを受け取れません。"
    "本人確認が済んでいるかをアプリで確かめるか、別の決済サービスを選んでください。",
    "ALREADY_LINKED": "この番号は、ほかの方の受け取り先になっています。"
    "ご自身の番号か確かめるか、別の決済サービスを選んでください。",
    "NAME_MISMATCH": "この番号の会員のお名前（カナ）が、カードのお名前と合いません。"
    "ご自身の番号か、アプリに登録したお名前を確かめるか、別の決済サービスを選んでください。",
    "BALANCE_LIMIT_EXCEEDED": "残高の上限を超えるため受け取れません。"
    "使ってからもう一度選ぶか、別の決済サービスを選んでください。",
}


def advice(code: str | None) -> str | None:
    """What a resident can do after a refusal."""
    return _ADVICE.get(code, _OTHERWISE) if code else None


@dataclass(frozen=True, slots=True)
class Link:
    """An account that belongs to one resident."""

    id: UUID
    payment_service_id: UUID
    resident_id: UUID
    checked: Checked = Checked.UNASKED
    refusal: str | None = None
    checked_at: datetime | None = None
    stopped_at: datetime | None = None
    revision: int = 0
    said_at: datetime | None = None

    def needs_check(self, provider_checks: bool) -> bool:
        """Whether the provider has to be asked before anything is sent there."""
        return provider_checks and self.checked in (Checked.UNASKED, Checked.CANNOT)

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def forgets(self, now: datetime) -> bool:
        """Whether an old refusal counts no longer, so that the provider is asked again."""
        return self.checked is Checked.REFUSED and now >= (self.checked_at or now) + _REST


def usable(link: Link, resident_id: UUID, now: datetime) -> Link:
    """The link, if points of this resident may go there."""
    if link.resident_id != resident_id:
        detail = "この番号は、ほかの方の受け取り先として登録されています。ご自身の番号か確かめてください。"
        raise Conflict("account-taken", detail)
    if link.stopped_at is not None:
        detail = "この受け取り先は止められています。別の番号か、別の決済サービスを選んでください。"
        raise Conflict("link-stopped", detail)
    if link.checked is Checked.REFUSED and not link.forgets(now):
        detail = advice(link.refusal) or _OTHERWISE
        error = FieldError("account_id", "account-refused", detail)
        raise Invalid("account-refused", detail, errors=[error])
    return link
