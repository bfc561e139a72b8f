"""Up to five people at one terminal, in any order, each giving up at any step: nobody's points go to anybody else.

The rules are the real ones (`services/identity/model/assertions.py` and `contracts/proof.py`); people, cards, pages and
the terminal are played. People press whatever the page in front of them offers, go back to pages of others, come back
later, and type their PIN without reading. Assumed is what the reader and the room give: only the owner of a card knows
its PIN; that a card was taken away is heard at the fourth press after it at the latest; and who leaves the card behind
is not followed by somebody else within the sixty seconds of a desk.

Each guard taken away alone has to be seen: as points of one person at another's account, or as one reading used twice
or too late.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from chassis.refusal import Refusal
from contracts.proof import LASTS, Proof, link_target
from contracts.proof import Purpose as ProofPurpose
from services.identity.model.assertions import (
    GUARDS,
    Challenge,
    Guard,
    Purpose,
    Shown,
    alive,
    another_card,
    check,
)
from services.identity.model.residents import DESK_LASTS, Desk, ResidentSession

_LONG = "long" in os.environ.get("PORTAL_FAULTS", "")
_INTERLEAVINGS = 100_000 if _LONG else 2_000
_PRESSES = 60
_LATE = 4
_BEGAN = datetime(2023, 11, 30, 1, 0, tzinfo=UTC)
_IDLE = timedelta(minutes=10)


def covers(proof: Proof, purpose: ProofPurpose, target: str, now: datetime) -> bool:
    """What benefits asks of a proof."""
    return proof.covers(purpose, target, now)


@dataclass(frozen=True)
class Rules:
    """The guards in force."""

    guards: tuple[Guard, ...] = GUARDS
    #: Benefits asks whether the proof is for what is being linked.
    covers: bool = True
    #: A form goes through only under the cookie it was made for (`gateway/portal/visit.py`).
    own_page: bool = True

    def without(self, name: str) -> "Rules":
        """The same rules but one."""
        kept = tuple(guard for guard in self.guards if guard.__name__ != name)
        return Rules(kept, name != "covers", name != "own_page")


@dataclass(frozen=True)
class Page:
    """What stands on the screen: an account somebody typed, a challenge for it, a signature under that."""

    #: The session it was made for.
    session_id: UUID | None = None
    typed_by: int | None = None
    entitlement_of: int | None = None
    challenge: Challenge | None = None
    signed_by: int | None = None

    @property
    def target(self) -> str:
        return link_target(_person(self.entitlement_of), "R5-S-001", f"{self.typed_by:064x}")


@dataclass
class Terminal:
    """One terminal with a reader, a browser and whoever sits there."""

    rules: Rules
    people: int
    chance: Random
    now: datetime = _BEGAN
    sitting: int = 0
    on_reader: int | None = None
    session: ResidentSession | None = None
    page: Page = field(default_factory=Page)
    history: list[Page] = field(default_factory=list)
    #: Presses until the terminal hears that the card is gone.
    unheard: int | None = None
    used: dict[UUID, datetime] = field(default_factory=dict)
    links: int = 0
    wrong: list[str] = field(default_factory=list)
    _ids: int = 1000

    def press(self) -> None:
        """Somebody does something."""
        acts: list[Callable[[], None]] = [
            self.put_card, self.begin, self.type, self.ask, self.sign, self.confirm, self.confirm,
            self.go_back, self.wait, self.leave, self.finish,
        ]  # fmt: skip
        if self.unheard is not None:
            self.unheard -= 1
            if self.unheard <= 0:
                self.card_gone()
        self.chance.choice(acts)()
        self.now += timedelta(seconds=self.chance.randint(0, 15))

    def carry_on(self) -> None:
        """Most people do the next thing the page offers."""
        page, here = self.page, self.sitting
        if self.unheard is not None:
            self.unheard -= 1
            if self.unheard <= 0:
                self.card_gone()
        if self.on_reader != here:
            self.put_card()
        elif not self.open and page.challenge is None:
            self.begin()
        elif page.typed_by is None:
            self.type()
        elif page.challenge is None:
            self.ask()
        elif page.signed_by is None:
            self.sign()
        else:
            self.confirm()
        self.now += timedelta(seconds=self.chance.randint(0, 15))

    @property
    def open(self) -> bool:
        return self.session is not None and self.session.alive(self.now, _IDLE)

    def put_card(self) -> None:
        if self.on_reader not in (None, self.sitting):
            self.unheard = self.unheard or self.chance.randint(1, _LATE)
        self.on_reader = self.sitting

    def begin(self) -> None:
        """The next person's own card opens a session; whoever was before is done."""
        if self.on_reader != self.sitting:
            return
        self.end()
        self.unheard = None
        self._ids += 1
        desk = Desk(UUID(int=self._ids), "1", UUID(int=1), UUID(int=2), UUID(int=3))
        self.session = ResidentSession(
            UUID(int=self._ids),
            _person(self.sitting),
            self.now,
            self.now,
            self.now + DESK_LASTS,
            desk,
        )
        self.show(Page(self.session.id))

    def type(self) -> None:
        """Whoever sits there types their own account, under the entitlement of whose session it is."""
        if self.session is None:
            return
        owner = self.session.resident_id.int
        self.show(replace(self.page, typed_by=self.sitting, entitlement_of=owner))
        self.touch()

    def ask(self) -> None:
        if self.session is None or self.page.typed_by is None:
            return
        if alive in self.rules.guards and not self.open:
            return
        if self.rules.own_page and self.page.session_id != self.session.id:
            return
        self._ids += 1
        made = Challenge.made(
            UUID(int=self._ids), Purpose.LINK, self.page.target, b"n" * 32,
            session_id=self.session.id, desk_id=None, now=self.now,
        )  # fmt: skip
        self.show(replace(self.page, challenge=made, signed_by=None))
        self.touch()

    def sign(self) -> None:
        """Only the owner of the card on the reader knows its PIN."""
        if self.page.challenge is not None and self.on_reader == self.sitting:
            self.show(replace(self.page, signed_by=self.sitting))

    def confirm(self) -> None:
        """The page is sent as it stands, with the cookie this browser holds now."""
        page, challenge = self.page, self.page.challenge
        if challenge is None or page.signed_by is None:
            return
        seen = replace(challenge, used_at=self.used.get(challenge.id))
        holder = _person(page.signed_by)
        try:
            check(Shown(seen, self.session, holder, _IDLE, self.now), self.rules.guards)
        except Refusal as why:
            if why.code == another_card().code:
                self.end()
            return
        assert self.session is not None
        proof = Proof(
            proof_id=UUID(int=1), resident_id=self.session.resident_id, purpose=ProofPurpose.LINK,
            target=challenge.target, assertion_hash="", asserted_at=self.now,
        )  # fmt: skip
        if not self.rules.covers or covers(proof, ProofPurpose.LINK, page.target, self.now):
            self.link(page, challenge)
        self.touch()

    def link(self, page: Page, challenge: Challenge) -> None:
        """Points are on their way: was it right?"""
        self.links += 1
        assert self.session is not None
        who = {self.session.resident_id.int, page.signed_by, page.typed_by}
        if len(who) > 1:
            self.wrong.append("cross-person link")
        if challenge.id in self.used:
            self.wrong.append("one reading used twice")
        if self.now - challenge.made_at >= LASTS:
            self.wrong.append("a reading used too late")
        self.used[challenge.id] = self.now

    def go_back(self) -> None:
        if self.history:
            self.page = self.chance.choice(self.history)

    def wait(self) -> None:
        self.now += timedelta(seconds=self.chance.choice((5, 30, 50, 59)))
        if self.chance.random() < 0.7:
            self.touch()

    def leave(self) -> None:
        """Give up here; the card comes along, or stays and keeps the next one away for a minute."""
        if self.on_reader == self.sitting and self.chance.random() < 0.7:
            self.on_reader = None
            self.unheard = self.unheard or self.chance.randint(1, _LATE)
        elif self.on_reader is not None:
            self.now += timedelta(seconds=self.chance.randint(60, 200))
        self.sitting = self.chance.randrange(self.people)

    def finish(self) -> None:
        if self.chance.random() < 0.3:
            self.end()
            self.on_reader = None

    def card_gone(self) -> None:
        self.unheard = None
        self.end()

    def end(self) -> None:
        if self.session is not None and self.session.ended_at is None:
            self.session = replace(self.session, ended_at=self.now)

    def touch(self) -> None:
        if self.session is not None and self.open:
            self.session = replace(self.session, last_seen_at=self.now)

    def show(self, page: Page) -> None:
        self.history = [*self.history[-9:], page]
        self.page = page


def _person(number: int | None) -> UUID:
    return UUID(int=number or 0)


def played(rules: Rules, seed: int) -> Terminal:
    """One interleaving."""
    chance = Random(seed)
    there = Terminal(rules, chance.randint(2, 5), chance)
    for _ in range(_PRESSES):
        there.carry_on() if chance.random() < 0.6 else there.press()
    return there


def test_nobodys_points_go_to_anybody_else() -> None:
    links, wrong = 0, []
    for seed in range(_INTERLEAVINGS):
        there = played(Rules(), seed)
        links += there.links
        wrong += [(seed, what) for what in there.wrong]
    assert wrong == []
    # It is not for want of trying.
    assert links > _INTERLEAVINGS / 2


@pytest.mark.parametrize(
    ("guard", "what"),
    [
        ("alive", "cross-person link"),
        ("in_own_session", "cross-person link"),
        ("own_card", "cross-person link"),
        ("covers", "cross-person link"),
        ("own_page", "cross-person link"),
        ("unused", "one reading used twice"),
        ("fresh", "a reading used too late"),
    ],
)
def test_every_guard_is_needed(guard: str, what: str) -> None:
    rules = Rules().without(guard)
    assert rules != Rules()
    found = (what in played(rules, seed).wrong for seed in range(_INTERLEAVINGS))
    assert any(found), f"nobody noticed that {guard} is gone"


def test_no_guard_is_forgotten_here() -> None:
    tried = {"alive", "in_own_session", "own_card", "unused", "fresh"}
    assert {guard.__name__ for guard in GUARDS} == tried
