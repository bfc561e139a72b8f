"""A session of the programme: what is planned, and what may still happen to it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Invalid, Stale


class Series(StrEnum):
    """What sort of session it is."""

    BRIEFING_MUNICIPALITY = "briefing_municipality"
    BRIEFING_PROVIDER = "briefing_provider"
    WORKING_GROUP = "working_group"
    SDK_SUBCOMMITTEE = "sdk_subcommittee"
    EVENT = "event"


class Audience(StrEnum):
    """Who may take part."""

    EVERYONE = "everyone"
    MUNICIPALITY = "municipality"
    PROVIDER = "provider"
    MEMBERS = "members"


class Precision(StrEnum):
    """How exactly its date is known."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"
    RANGE = "range"


class State(StrEnum):
    """Where a session stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REGISTRATION_OPEN = "registration_open"
    FULL = "full"
    CLOSED = "closed"
    HELD = "held"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


SIGNING_UP = frozenset({State.REGISTRATION_OPEN, State.FULL})
COMING = SIGNING_UP | {State.PUBLISHED, State.CLOSED}
_WORDS = {
    State.DRAFT: "下書き",
    State.PUBLISHED: "公開中",
    State.REGISTRATION_OPEN: "受付中",
    State.FULL: "満席",
    State.CLOSED: "受付終了",
    State.HELD: "開催済み",
    State.ARCHIVED: "保存",
    State.CANCELLED: "中止",
}


@dataclass(frozen=True, slots=True)
class When:
    """When it takes place, as exactly as is known."""

    precision: Precision
    first_on: date
    last_on: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """What is planned."""

    series: Series
    number: int | None
    fiscal_year: int
    title: str
    summary: str
    audience: Audience
    when: When
    place: str
    link: str
    video: str
    capacity: int | None
    sign_up_from: datetime | None
    sign_up_until: datetime | None
    over_at: datetime

    def differences(self, other: "Programme") -> tuple[str, ...]:
        """The fields in which another programme differs."""
        names = ("title", "summary", "audience", "when", "place", "link", "video", "capacity")
        more = ("number", "fiscal_year", "series", "sign_up_from", "sign_up_until")
        return tuple(n for n in (*names, *more) if getattr(self, n) != getattr(other, n))


@dataclass(frozen=True, slots=True)
class Session:
    """A session, from its first draft to the archive."""

    id: UUID
    programme: Programme
    state: State
    state_since: datetime
    said_at: datetime | None
    #: Goes up when a calendar has to show something else.
    sequence: int
    version: int
    revision: int
    seated: int = 0
    waiting: int = 0

    @property
    def free(self) -> int | None:
        """How many places are left; None where nobody counts."""
        capacity = self.programme.capacity
        return None if capacity is None else max(0, capacity - self.seated)

    def expected(self, version: int | None) -> "Session":
        """This session, if it is still the version the editor saw."""
        if version is not None and version != self.version:
            raise Stale(
                "version-stale",
                "ほかの方が先に変更しました。いまの内容を読み直してから、もう一度お試しください。",
            )
        return self

    def planned(self, programme: Programme) -> "Session":
        """With another programme, until it is over."""
        self._only(
            COMING | {State.DRAFT}, "終わった会の内容は変えられません。訂正を加えてください。"
        )
        if programme.capacity is not None and programme.capacity < self.seated:
            raise Conflict(
                "capacity-taken", f"定員は、すでに席のある{self.seated}人より少なくできません。"
            )
        if self.state in SIGNING_UP and programme.sign_up_from is None:
            raise Conflict("session-state", "受付中の会の受付期間はなくせません。")
        return replace(self, programme=programme, version=self.version + 1)

    def published(self, at: datetime) -> "Session":
        """Everybody can read of it."""
        self._only({State.DRAFT}, "公開できるのは、下書きの会だけです。")
        return self.moved(State.PUBLISHED, at)

    def cancelled(self, at: datetime) -> "Session":
        """Does not take place."""
        self._only(COMING, "中止にできるのは、これから開く会だけです。")
        return self.moved(State.CANCELLED, at)

    def archived(self, at: datetime) -> "Session":
        """Listed among old ones only."""
        self._only({State.HELD}, "保存に移せるのは、開催した会だけです。")
        return self.moved(State.ARCHIVED, at)

    def due(self, now: datetime) -> tuple[State, datetime] | None:
        """What time has brought: the next state, and the instant as of which it counts."""
        plan = self.programme
        if self.state is State.PUBLISHED and plan.sign_up_from and plan.sign_up_from <= now:
            return State.REGISTRATION_OPEN, plan.sign_up_from
        if self.state in SIGNING_UP and plan.sign_up_until and plan.sign_up_until <= now:
            return State.CLOSED, plan.sign_up_until
        may_end = self.state is State.CLOSED or (
            self.state is State.PUBLISHED and plan.sign_up_from is None
        )
        return (State.HELD, plan.over_at) if may_end and plan.over_at <= now else None

    def by(self, at: datetime) -> "Session":
        """As it will stand at an instant to come, if nobody acts until then."""
        due = self.due(at)
        return self.moved(*due).by(at) if due else self

    def balanced(self, at: datetime) -> "Session":
        """Full when no place is left, open again when there is one."""
        if self.state is State.REGISTRATION_OPEN and self.free == 0:
            return self.moved(State.FULL, at)
        if self.state is State.FULL and self.free != 0 and self.waiting == 0:
            return self.moved(State.REGISTRATION_OPEN, at)
        return self

    def takes(self) -> bool:
        """Whether who signs up now gets a seat; otherwise they wait. Refused when nobody may sign up."""
        self._only(SIGNING_UP, "この会は、いま参加の申込みを受け付けていません。")
        return self.free != 0 and self.waiting == 0

    def moved(self, state: State, at: datetime) -> "Session":
        """In another state."""
        since = max(at, self.state_since) if self.state is not State.DRAFT else at
        return replace(self, state=state, state_since=since, version=self.version + 1)

    def said(self, at: datetime, *, shown: bool) -> "Session":
        """With one more fact; ``shown`` when a calendar has to show something else."""
        return replace(
            self,
            revision=self.revision + 1,
            sequence=self.sequence + (shown and self.revision > 0),
            said_at=at if shown or self.said_at is None else self.said_at,
        )

    def is_over(self) -> bool:
        """Whether it took place."""
        return self.state in (State.HELD, State.ARCHIVED)

    def _only(self, states: frozenset[State] | set[State], why: str) -> None:
        if self.state not in states:
            raise Conflict("session-state", f"{why}いまは「{_WORDS[self.state]}」です。")


def nothing_changed() -> Invalid:
    """A change that changes nothing."""
    return Invalid("nothing-changed", "いまの内容と同じです。変えたい項目を直してください。")
