"""Sessions: who is signed in where, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Unauthenticated
from services.identity.model.links import Terms

#: After so many wrong codes a sign-in begins again with the password.
WRONG_CODES = 10


class SessionState(StrEnum):
    """What a session still waits for."""

    SECOND_FACTOR = "second_factor"
    SECOND_FACTOR_SETUP = "second_factor_setup"
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which a member is signed in."""

    id: UUID
    member_id: UUID
    account_id: UUID
    state: SessionState
    amr: tuple[str, ...]
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    notice: str | None = None
    wrong_codes: int = 0

    def idle_until(self, terms: Terms) -> datetime:
        """When it is over if nobody does anything."""
        return min(self.ends_at, self.last_seen_at + timedelta(minutes=terms.idle_minutes))

    def alive(self, terms: Terms, now: datetime) -> bool:
        """Whether it counts now."""
        return self.state is not SessionState.ENDED and now < self.idle_until(terms)

    def end_reason(self, terms: Terms, now: datetime) -> str | None:
        """Why time has ended it; None if it has not."""
        if now >= self.ends_at:
            return "absolute"
        return "idle" if now >= self.idle_until(terms) else None


def first_state(*, has_factor: bool, needs_factor: bool) -> SessionState:
    """What a session waits for after the right password."""
    if has_factor:
        return SessionState.SECOND_FACTOR
    return SessionState.SECOND_FACTOR_SETUP if needs_factor else SessionState.OPEN


def session_over() -> Unauthenticated:
    """The refusal for a session that is unknown, ended or too old."""
    return Unauthenticated(
        "session-over", "ログインの有効期限が切れました。もう一度ログインしてください。"
    )


def sign_in_refused() -> Unauthenticated:
    """The one answer to a wrong id and to a wrong password."""
    return Unauthenticated(
        "sign-in-refused",
        "アカウントIDかパスワードが違います。もう一度入力してください。",
    )
