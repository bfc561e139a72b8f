"""An application (申込み): which way it may go, and what the applicant is told of it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict
from services.benefits.model.eligibility import Says, Verdict

#: How long after an application the municipality has to decide, unless it needs longer for all.
DECIDED_WITHIN = timedelta(days=14)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class State(StrEnum):
    """Where an application is."""

    WAITING = "waiting"
    AWAITING_PARTICIPATION = "awaiting_participation"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"


_STEPS = {
    "move_up": {State.WAITING},
    "attend": {State.AWAITING_PARTICIPATION},
    "return": {State.IN_REVIEW},
    "resubmit": {State.RETURNED},
    "decide": {
        State.WAITING,
        State.AWAITING_PARTICIPATION,
        State.IN_REVIEW,
        State.RETURNED,
    },
    "withdraw": {
        State.WAITING,
        State.AWAITING_PARTICIPATION,
        State.IN_REVIEW,
        State.RETURNED,
    },
    "complete": {State.APPROVED},
    "expire": {State.APPROVED},
    "revoke": {State.APPROVED, State.COMPLETED},
}
#: Holds a place of the quota and yen of the budget, and is not decided yet.
UNDECIDED = frozenset({State.AWAITING_PARTICIPATION, State.IN_REVIEW, State.RETURNED})


@dataclass(frozen=True, slots=True)
class Application:
    """One application, as it is now."""

    id: UUID
    reference: str
    measure_id: UUID
    version: int
    resident_id: UUID
    person_id: UUID
    unit_key: str
    turn: int
    resident_ref: str
    proof_id: UUID
    state: State
    state_since: datetime
    amount: int
    submitted_at: datetime
    revision: int
    reason: str | None = None
    message: str = ""
    answer_by: datetime | None = None
    lane: int | None = None
    transfer_id: UUID | None = None
    target_number: str | None = None
    children: int | None = None
    saved_service_id: UUID | None = None
    statements: tuple[int, ...] = ()

    def stepped(
        self,
        act: str,
        state: State,
        now: datetime,
        *,
        reason: str | None = None,
        message: str = "",
        answer_by: datetime | None = None,
    ) -> "Application":
        """The application after an act; refused where it may not be done."""
        if self.state not in _STEPS[act]:
            raise Conflict(
                "application-state",
                "この申込みは、もう別の状態になっています。画面を開き直して、確かめてください。",
            )
        return replace(
            self,
            state=state,
            state_since=now,
            revision=self.revision + 1,
            reason=reason,
            message=message,
            answer_by=answer_by,
        )


def first_state(verdict: Verdict) -> State:
    """Where an application begins, or goes on after something came in."""
    if verdict.says is Says.NO:
        return State.REJECTED
    if "attendance" in verdict.open_rules():
        return State.AWAITING_PARTICIPATION
    return State.APPROVED if verdict.says is Says.YES else State.IN_REVIEW


def reference_of(application_id: UUID) -> str:
    """What people call an application by: K-7F3M-20B9, without letters that are taken for digits."""
    number = int.from_bytes(hashlib.sha256(application_id.bytes).digest()[:5], "big")
    letters = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(8))
    return f"K-{letters[:4]}-{letters[4:]}"


class Word(StrEnum):
    """The words applicants read."""

    RECEIVED = "受付済"
    IN_REVIEW = "審査中"
    APPROVED = "承認"
    GRANTING = "付与手続中"
    GRANTED = "付与済"
    ACTION_NEEDED = "要対応"
    REJECTED = "不承認"
    EXPIRED = "期限切れ"
    CANCELLED = "取消"


@dataclass(frozen=True, slots=True)
class Status:
    """One word, and what to do next by when."""

    word: Word
    #: ``attend``, ``answer``, ``allocate``, ``wait``; None where nothing follows.
    next: str | None = None
    by: datetime | date | None = None


def status_of(
    application: Application,
    *,
    entitlement_state: str | None = None,
    allocate_by: date | None = None,
    last_occasion: datetime | None = None,
) -> Status:
    """What the applicant is told: the word, what to do and by when."""
    match application.state:
        case State.WAITING:
            return Status(Word.RECEIVED, "wait")
        case State.AWAITING_PARTICIPATION:
            return Status(Word.RECEIVED, "attend", last_occasion)
        case State.IN_REVIEW:
            return Status(Word.IN_REVIEW, "wait", application.submitted_at + DECIDED_WITHIN)
        case State.RETURNED:
            return Status(Word.ACTION_NEEDED, "answer", application.answer_by)
        case State.REJECTED:
            return Status(Word.REJECTED)
        case State.WITHDRAWN | State.REVOKED:
            return Status(Word.CANCELLED)
        case State.EXPIRED:
            return Status(Word.EXPIRED)
        case State.COMPLETED:
            return Status(Word.GRANTED)
    if entitlement_state == "reserved":
        return Status(Word.GRANTING, "wait")
    return Status(Word.APPROVED, "allocate", allocate_by)
