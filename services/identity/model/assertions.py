"""Challenges and the readings of cards that answer them: for one purpose, one target, one session, once.

The guards are one small rule each. tests/identity/test_desk_interleavings.py takes each away in turn and sees points go
to somebody else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Forbidden, Gone
from contracts.proof import LASTS
from services.identity.model.certificates import Use
from services.identity.model.residents import ResidentSession, person_over


class Purpose(StrEnum):
    """What a card is read for."""

    SIGN_IN = "sign_in"
    DESK = "desk"
    FAMILY = "family"
    APPLY = "apply"
    LINK = "link"


#: Which of the card's certificates each purpose takes.
USES = dict.fromkeys(Purpose, Use.AUTHENTICATION) | {Purpose.APPLY: Use.SIGNING}
#: Purposes that end in a proof for other services.
PROVEN = frozenset({Purpose.APPLY, Purpose.LINK})
_WORDS = {
    Purpose.SIGN_IN: "マチポにログインします。",
    Purpose.DESK: "支援窓口で手続きを始めます。",
    Purpose.FAMILY: "ご家族として届け出ます。",
    Purpose.APPLY: "施策に申し込みます。",
    Purpose.LINK: "ポイントの受け取り先を決めます。",
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a card is asked to sign."""

    id: UUID
    purpose: Purpose
    target: str
    nonce: bytes
    #: The session that asked: a resident's, or staff's at a desk; none before signing in.
    session_id: UUID | None
    desk_id: UUID | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    @classmethod
    def made(
        cls,
        challenge_id: UUID,
        purpose: Purpose,
        target: str,
        nonce: bytes,
        *,
        session_id: UUID | None,
        desk_id: UUID | None,
        now: datetime,
    ) -> "Challenge":
        """A fresh one, good for two minutes."""
        return cls(
            challenge_id, purpose, target, nonce, session_id, desk_id, now, now + LASTS, None
        )

    def text(self, origin: str) -> str:
        """What is signed: words a person can read, and everything it is bound to."""
        return "\n".join(
            (
                f"Machipo {origin}",
                _WORDS[self.purpose],
                f"purpose: {self.purpose}",
                f"target: {self.target}",
                f"desk: {self.desk_id or '-'}",
                f"challenge: {self.id}",
                f"nonce: {self.nonce.hex()}",
                f"until: {self.expires_at.isoformat(timespec='seconds')}",
            )
        )

    def used(self, now: datetime) -> "Challenge":
        """The same after its one use."""
        return replace(self, used_at=now)


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading of a card, as somebody shows it."""

    challenge: Challenge
    #: The session it is shown in; None where no session is asked for.
    session: ResidentSession | None
    #: Whose card was read; None while the card is not known yet.
    holder: UUID | None
    idle_after: timedelta
    now: datetime


def unused(shown: Shown) -> None:
    """A reading counts once."""
    if shown.challenge.used_at is not None:
        raise Gone(
            "card-challenge-used",
            "この読み取りはすでに使われています。もう一度読み取ってください。",
        )


def fresh(shown: Shown) -> None:
    """A reading is two minutes old at most."""
    if shown.now >= shown.challenge.expires_at:
        raise Gone(
            "card-challenge-expired", "2分が過ぎました。もう一度カードを読み取ってください。"
        )


def in_own_session(shown: Shown) -> None:
    """It is shown in the session that asked for it."""
    if shown.session is None or shown.challenge.session_id != shown.session.id:
        raise Forbidden(
            "card-other-session",
            "別の画面で始めた手続きの読み取りです。この画面からもう一度読み取ってください。",
        )


def alive(shown: Shown) -> None:
    """The session it is shown in has not ended."""
    if shown.session is None or not shown.session.alive(shown.now, shown.idle_after):
        raise person_over()


def own_card(shown: Shown) -> None:
    """The card is that of the person whose session it is."""
    if shown.session is None or shown.holder != shown.session.resident_id:
        raise another_card()


Guard = Callable[[Shown], None]
#: What every reading inside a session has to pass.
GUARDS: tuple[Guard, ...] = (unused, fresh, in_own_session, alive, own_card)
#: What a reading has to pass before there is a session of the person.
AT_THE_DOOR: tuple[Guard, ...] = (unused, fresh)


def check(shown: Shown, guards: Iterable[Guard] = GUARDS) -> None:
    """Refuse a reading that one of ``guards`` does not let through."""
    for guard in guards:
        guard(shown)


def another_card() -> Conflict:
    """The refusal for the card of somebody else."""
    return Conflict(
        "card-other-person",
        "別の方のカードです。いまの方の手続きを終えてから始めてください。",
    )
