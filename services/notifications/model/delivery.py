"""How one mail of a letter fares: what follows from what the mail server said, or did not say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Gone

#: After a try that was not taken: ten seconds, then longer and longer, at most an hour.
_PAUSES = tuple(timedelta(seconds=s) for s in (10, 30, 60, 180, 600, 1800, 3600))
#: So many interrupted tries are followed by another at once.
_SOON_AGAIN = 3
#: How long a mail that somebody asked to send again is tried.
_AGAIN = timedelta(hours=24)
#: When one of many mails whose answer was lost is handed over once more: nobody can look into so many.
_REPEAT = timedelta(minutes=10)
#: Who asked for that.
ITSELF = "service/notifications"


class State(StrEnum):
    """Where a mail is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    #: The text was handed over and the answer was lost. Nobody sends it again but a person.
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How one try ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a mail failed for good."""

    REFUSED = "refused"
    ADDRESS = "address"
    LATE = "late"
    RETURNED = "returned"
    #: The reader wanted nothing any more before it went out.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail: a letter to one address."""

    delivery_id: UUID
    letter_id: UUID
    contact_id: UUID | None
    name: str
    address: str | None
    state: State
    queued_at: datetime
    send_by: datetime
    due_at: datetime | None = None
    finished_at: datetime | None = None
    reason: Reason | None = None
    answer: str = ""
    attempts: int = 0
    asked_by: str | None = None
    #: One of many mails with the same letter.
    wide: bool = False
    #: Its answer was lost and it was handed over once more, so that it may have arrived twice.
    repeated: bool = False

    @property
    def domain(self) -> str:
        """Whose mail servers it goes to."""
        return (self.address or "").rpartition("@")[2].lower()

    def claimed(self) -> "Delivery":
        """The mail, now being sent by somebody."""
        return replace(self, state=State.SENDING, due_at=None, attempts=self.attempts + 1)

    def after(self, outcome: Outcome, answer: str, at: datetime) -> "Delivery":
        """The mail, once a try has ended."""
        if outcome is Outcome.ACCEPTED:
            return self._sent(answer, at)
        if outcome is Outcome.REFUSED:
            return self._failed(Reason.REFUSED, answer, at)
        if outcome is Outcome.UNKNOWN:
            return self._lost(answer, at)
        due = at + self._pause()
        if due > self.send_by:
            return self._failed(Reason.LATE, answer, at)
        return replace(self, state=State.WAITING, due_at=due, answer=answer)

    def checked(self, *, usable: bool, at: datetime) -> "Delivery":
        """The mail as it is put in line: failed where nobody could be reached, or it is too late."""
        if not usable:
            return self._failed(Reason.ADDRESS, "", at)
        return self.found_late(at) if self.is_late(at) else self

    def is_late(self, at: datetime) -> bool:
        """Whether sending it has no sense any more."""
        return self.send_by < at

    def found_late(self, at: datetime) -> "Delivery":
        """The waiting mail, whose time had passed before anybody took it."""
        return self._failed(Reason.LATE, self.answer, at)

    def awaits(self, attempt: int) -> bool:
        """Whether the end of this try is still of interest."""
        return attempt == self.attempts and self.state in (State.SENDING, State.UNKNOWN)

    def interrupted(self, at: datetime) -> "Delivery":
        """The mail, after the process that was sending it ended before handing it over."""
        due = at if self.attempts <= _SOON_AGAIN else at + self._pause()
        return replace(self, state=State.WAITING, due_at=due)

    def given_back(self, at: datetime) -> "Delivery":
        """The mail, which was taken and not tried: to be taken at once by whoever comes."""
        return replace(self, state=State.WAITING, due_at=at)

    def asked_again(self, by: str, at: datetime, link_until: datetime | None) -> "Delivery":
        """The mail, to be tried once more because a person wants it, even if it arrives twice."""
        if self.state not in (State.UNKNOWN, State.FAILED):
            raise Conflict("delivery-not-open", "このメールは再送が要る状態ではありません。")
        if self.address is None or (link_until is not None and link_until <= at):
            raise Gone(
                "letter-over",
                "このメールのリンクは期限を過ぎています。新しいリンクを発行してください。",
            )
        send_by = min(at + _AGAIN, link_until or at + _AGAIN)
        return replace(
            self, state=State.WAITING, due_at=at, send_by=send_by, asked_by=by, reason=None,
            finished_at=None,
        )  # fmt: skip

    def known_to_have_arrived(self, at: datetime) -> "Delivery":
        """The mail of unknown fate, after a person made sure that it is there."""
        if self.state is not State.UNKNOWN:
            raise Conflict("delivery-not-open", "このメールは確認が要る状態ではありません。")
        return self._sent("", at)

    def returned(self, answer: str, at: datetime) -> "Delivery":
        """The mail, after it came back; a second notice of the same changes nothing."""
        if self.state is State.FAILED or self.state is State.WAITING:
            return self
        return self._failed(Reason.RETURNED, answer, at)

    def _lost(self, answer: str, at: datetime) -> "Delivery":
        if not self.wide or self.repeated:
            return replace(self, state=State.UNKNOWN, answer=answer, asked_by=None)
        return replace(
            self, state=State.WAITING, due_at=at + _REPEAT, send_by=max(self.send_by, at + _AGAIN),
            answer=answer, asked_by=ITSELF, repeated=True,
        )  # fmt: skip

    def _pause(self) -> timedelta:
        return _PAUSES[min(self.attempts, len(_PAUSES)) - 1]

    def _sent(self, answer: str, at: datetime) -> "Delivery":
        return replace(
            self, state=State.SENT, answer=answer, finished_at=at, reason=None, asked_by=None
        )

    def _failed(self, reason: Reason, answer: str, at: datetime) -> "Delivery":
        return replace(
            self, state=State.FAILED, due_at=None, reason=reason, answer=answer, finished_at=at,
            asked_by=None,
        )  # fmt: skip


def needs_a_person(state: State) -> bool:
    """Whether nothing more happens to a mail unless somebody looks at it."""
    return state in (State.UNKNOWN, State.FAILED)
