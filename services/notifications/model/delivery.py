"""How one mail of a letter fares: what follows from what the mail server said, or did not say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Gone

#: After a try that was not taken: ten seconds, then longer and longer, at most an hour.
_PAUSES = tuple(timedelta(seconds=s) for s in (10, 30, 60, 180, 600, 1800, 3600))
#: How long a mail that somebody asked to send again is tried.
_AGAIN = timedelta(hours=24)


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

    def claimed(self) -> "Delivery":
        """This mail, being sent by somebody."""
        return replace(self, state=State.SENDING, due_at=None, attempts=self.attempts + 1)

    def after(self, outcome: Outcome, answer: str, at: datetime) -> "Delivery":
        """This mail, once a try has ended."""
        if outcome is Outcome.ACCEPTED:
            return self._sent(answer, at)
        if outcome is Outcome.REFUSED:
            return self._failed(Reason.REFUSED, answer, at)
        if outcome is Outcome.UNKNOWN:
            return replace(self, state=State.UNKNOWN, answer=answer, asked_by=None)
        due = at + _PAUSES[min(self.attempts, len(_PAUSES)) - 1]
        if due > self.send_by:
            return self._failed(Reason.LATE, answer, at)
        return replace(self, state=State.WAITING, due_at=due, answer=answer)

    def found_late(self, at: datetime) -> "Delivery":
        """This waiting mail, if its time has passed before anybody took it."""
        return self._failed(Reason.LATE, self.answer, at) if self.send_by < at else self

    def asked_again(self, by: str, at: datetime, link_until: datetime | None) -> "Delivery":
        """This mail, to be tried once more because a person wants it, even if it may arrive twice."""
        if self.state not in (State.UNKNOWN, State.FAILED):
            raise Conflict("delivery-not-open", "このメールは再送が要る状態ではありません。")
        if self.address is None or (link_until is not None and link_until <= at):
            raise Gone(
                "letter-over", "このメールのリンクは期限を過ぎています。新しいリンクを発行してください。"
            )
        send_by = min(at + _AGAIN, link_until or at + _AGAIN)
        return replace(
            self, state=State.WAITING, due_at=at, send_by=send_by, asked_by=by, reason=None,
            finished_at=None,
        )  # fmt: skip

    def known_to_have_arrived(self, at: datetime) -> "Delivery":
        """This mail of unknown fate, after a person made sure that it is there."""
        if self.state is not State.UNKNOWN:
            raise Conflict("delivery-not-open", "このメールは確認が要る状態ではありません。")
        return self._sent("", at)

    def returned(self, answer: str, at: datetime) -> "Delivery":
        """This mail, after it came back; a second notice of the same changes nothing."""
        if self.state is State.FAILED or self.state is State.WAITING:
            return self
        return self._failed(Reason.RETURNED, answer, at)

    def _sent(self, answer: str, at: datetime) -> "Delivery":
        return replace(
            self, state=State.SENT, answer=answer, finished_at=at, reason=None, asked_by=None
        )

    def _failed(self, reason: Reason, answer: str, at: datetime) -> "Delivery":
        return replace(
            self, state=State.FAILED, due_at=None, reason=reason, answer=answer, finished_at=at,
            asked_by=None,
        )  # fmt: skip
