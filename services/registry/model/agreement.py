"""A contract (契約) of a match: written, sent to be signed, signed or not, in force, over."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Invalid, Stale
from contracts.values import OrganisationKind

#: A mailed link lives so long, and is reminded of once by itself.
LINK_LIFE = timedelta(days=10)
REMIND_AFTER = timedelta(days=7)


class ContractState(StrEnum):
    """Where a contract stands."""

    DRAFTING = "drafting"
    READY = "ready"
    SENDING = "sending"
    OUT = "out"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    SEND_FAILED = "send_failed"
    BOUNCED = "bounced"
    ENDED = "ended"


_S = ContractState
_WORDS = {
    _S.DRAFTING: "準備中",
    _S.READY: "送信待ち",
    _S.SENDING: "送信中",
    _S.OUT: "先方確認中",
    _S.CONCLUDED: "締結完了",
    _S.CANCELLED: "取消",
    _S.REJECTED: "却下",
    _S.SEND_FAILED: "送信失敗",
    _S.BOUNCED: "メール不達",
    _S.ENDED: "終了",
}
#: States in which the signing service has to be looked at.
UNDER_WAY = frozenset({_S.READY, _S.SENDING, _S.OUT, _S.BOUNCED})
#: With a signer, or on the way there.
_MAILED = frozenset({_S.OUT, _S.BOUNCED})


class Wanted(StrEnum):
    """What the next look at the signing service is to bring about."""

    SEND = "send"
    REMIND = "remind"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who is asked to sign; personal data."""

    place: int
    side: OrganisationKind
    name: str
    organisation: str
    mail: str
    state: str = "waiting"
    opened_at: datetime | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract as far as it has come."""

    id: UUID
    match_id: UUID
    state: ContractState
    reference: str
    title: str
    body: str
    valid_from: date
    valid_until: date
    file_digest: str | None
    external_document_id: str | None
    wanted: Wanted | None
    reason: str
    look_at: datetime | None
    misses: int
    delayed_until: datetime | None
    mailed_at: datetime | None
    link_until: datetime | None
    link_expired_at: datetime | None
    reminded_count: int
    reminded_by_itself: bool
    concluded_at: datetime | None
    ended_on: date | None
    version: int
    revision: int
    created_at: datetime
    state_since: datetime
    said_at: datetime | None

    @property
    def file_name(self) -> str:
        """What the PDF is called outside."""
        return f"{self.reference}.pdf"

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def expected(self, version: int | None) -> "Agreement":
        """This contract, if it is still the version the client saw."""
        if version is not None and version != self.version:
            detail = (
                "契約がほかの方か電子契約の側で進みました。読み直してから、もう一度お試しください。"
            )
            raise Stale("version-stale", detail)
        return self

    def edited(self, *, title: str, body: str, valid_from: date, valid_until: date) -> "Agreement":
        """With another text, while it is being written."""
        self.only({_S.DRAFTING}, "書きかえられるのは、準備中の契約だけです。")
        return replace(
            self,
            title=title,
            body=body,
            valid_from=valid_from,
            valid_until=valid_until,
            version=self.version + 1,
        )

    def ready(self, *, digest: str, now: datetime) -> "Agreement":
        """Complete: it goes out as soon as the signing service takes it."""
        self.only({_S.DRAFTING, _S.SEND_FAILED}, "送れるのは、準備中か送信に失敗した契約だけです。")
        moved = self.moved(_S.READY, now, said=True)
        return replace(moved, file_digest=digest, wanted=Wanted.SEND, look_at=now, misses=0)

    def to_remind(self, *, now: datetime) -> "Agreement":
        """A new link is asked for."""
        self.only(_MAILED, "もう一度知らせられるのは、相手が確認中の契約だけです。")
        self._at_rest()
        return replace(self, wanted=Wanted.REMIND, look_at=now, version=self.version + 1)

    def to_cancel(self, reason: str, *, now: datetime) -> "Agreement":
        """It is to be taken back outside, and then here."""
        self.only(_MAILED, "いまは取り消せません。送信の結果が分かってからお試しください。")
        self._at_rest()
        wanted = replace(self, wanted=Wanted.CANCEL, reason=reason, look_at=now)
        return replace(wanted, version=self.version + 1)

    def ends_early(self, on: date, reason: str, *, today: date) -> "Agreement":
        """Notice was given: it holds until an earlier day."""
        self.only({_S.CONCLUDED}, "解約を記録できるのは、締結が済んだ契約だけです。")
        if not max(today, self.valid_from) <= on <= self.valid_until:
            detail = "契約の最後の日は、今日から契約期間の終わりまでの日にしてください。"
            error = FieldError("ends_on", "day_refused", detail)
            raise Invalid("day-refused", detail, errors=[error])
        return replace(self, valid_until=on, reason=reason, version=self.version + 1)

    def cut_short(self, left_on: date, reason: str, *, now: datetime) -> "Agreement":
        """One side is in the register no longer from a day on: it held until the day before."""
        self.only({_S.CONCLUDED}, "終了できるのは、締結が済んだ契約だけです。")
        last = min(self.valid_until, left_on - timedelta(days=1))
        held = replace(self, valid_until=max(self.valid_from, last), reason=reason)
        return replace(held.over(now=now), ended_on=last)

    def over(self, *, now: datetime) -> "Agreement":
        """Its last day has passed."""
        self.only({_S.CONCLUDED}, "終了できるのは、締結が済んだ契約だけです。")
        ended = replace(self.moved(_S.ENDED, now, said=True), ended_on=self.valid_until)
        return replace(ended, look_at=None, wanted=None)

    def moved(self, state: ContractState, now: datetime, *, said: bool = False) -> "Agreement":
        """In another state."""
        moved = replace(self, state=state, state_since=now, version=self.version + 1)
        return moved.noted(now=now) if said else moved

    def noted(self, *, now: datetime) -> "Agreement":
        """The same, with one more fact said about it."""
        return replace(self, revision=self.revision + 1, said_at=now)

    def only(self, states: frozenset[ContractState] | set[ContractState], why: str) -> None:
        """Refuse what cannot be done in this state."""
        if self.state not in states:
            raise Conflict("contract-state", f"{why}いまは「{_WORDS[self.state]}」です。")

    def _at_rest(self) -> None:
        if self.wanted is not None:
            raise Conflict(
                "contract-busy", "前の操作を電子契約に伝えているところです。少し待ってください。"
            )


def signers_refused(signers: tuple[Signer, ...]) -> list[FieldError]:
    """What is wrong with who is to sign: both sides have to, and nobody twice."""
    errors: list[FieldError] = []
    sides = {s.side for s in signers}
    if not {OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER} <= sides:
        detail = "自治体と決済事業者の署名者を、それぞれ入れてください。"
        errors.append(FieldError("signers", "side_missing", detail))
    mails = [s.mail.casefold() for s in signers]
    for place, mail in enumerate(mails):
        if mail in mails[:place]:
            detail = "同じメールアドレスは1人だけにしてください。"
            errors.append(FieldError(f"signers.{place}.mail", "mail_doubled", detail))
    return errors


def period_refused(valid_from: date, valid_until: date, fiscal_year: int) -> list[FieldError]:
    """What is wrong with the days of a contract of a fiscal year."""
    first, last = date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)
    errors: list[FieldError] = []
    if not first <= valid_from <= last:
        detail = "契約の始まりは、その年度の中の日にしてください。"
        errors.append(FieldError("valid_from", "day_refused", detail))
    if not valid_from <= valid_until <= last + timedelta(days=366):
        detail = "契約の終わりは、始まりの日から翌年度の終わりまでの日にしてください。"
        errors.append(FieldError("valid_until", "day_refused", detail))
    return errors
