"""A maintenance window: what rests, from when to when, and what may still happen to the plan."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, Stale
from services.scheduling.model.findings import Findings

#: The functions of each system, as residents and organisations know them.
FUNCTIONS = {
    "portal": frozenset(
        {"search", "apply", "allocate", "status", "notices", "register", "match", "measure"}
        | {"contract", "sign_in", "account", "sign_up"}
    ),
    "application": frozenset({"apply", "allocate", "status", "grant"}),
    "identity": frozenset({"sign_in", "account"}),
    "cloudsign": frozenset({"contract"}),
    "mynaportal": frozenset({"apply", "allocate", "card"}),
    "provider": frozenset({"allocate", "grant"}),
}
_PROVIDER = re.compile(r"provider:[A-Za-z0-9-]{1,40}")
_LONGEST = timedelta(days=14)
_FURTHEST = timedelta(days=732)
#: How late an announcement may come: what has already begun is still said.
_LATE = timedelta(hours=24)


class State(StrEnum):
    """Where a window stands."""

    ANNOUNCED = "announced"
    CHANGED = "changed"
    IN_PROGRESS = "in_progress"
    EXTENDED = "extended"
    FINISHED = "finished"
    CANCELLED = "cancelled"


PLANNED = frozenset({State.ANNOUNCED, State.CHANGED})
UNDER_WAY = frozenset({State.IN_PROGRESS, State.EXTENDED})
OVER = frozenset({State.FINISHED, State.CANCELLED})
_WORDS = {
    State.ANNOUNCED: "予定",
    State.CHANGED: "予定（変更あり）",
    State.IN_PROGRESS: "実施中",
    State.EXTENDED: "延長中",
    State.FINISHED: "終了",
    State.CANCELLED: "取りやめ",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said about a window before it begins."""

    system: str
    functions: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    end_is_estimate: bool
    impact: str

    def differences(self, other: "Plan") -> tuple[str, ...]:
        """The fields in which another plan differs."""
        names = ("functions", "starts_at", "ends_at", "end_is_estimate", "impact")
        return tuple(n for n in names if getattr(self, n) != getattr(other, n))


def checked(plan: Plan, *, now: datetime) -> Plan:
    """The plan as it is kept, to the second, if it can be one."""
    plan = replace(plan, starts_at=_second(plan.starts_at), ends_at=_second(plan.ends_at))
    found = Findings()
    kind = "provider" if _PROVIDER.fullmatch(plan.system) else plan.system
    known = FUNCTIONS.get(kind, frozenset()) if kind != "provider" or ":" in plan.system else None
    if not known:
        found.wrong("system", "system_unknown", "システムを、選べるものの中から選んでください。")
    elif set(plan.functions) - known:
        detail = "影響する機能を、そのシステムの機能の中から選んでください。"
        found.wrong("functions", "function_unknown", detail)
    impact = found.text("impact", plan.impact, "影響")
    _times(found, plan, now)
    found.settle()
    return replace(plan, functions=tuple(sorted(set(plan.functions))), impact=impact)


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _times(found: Findings, plan: Plan, now: datetime) -> None:
    if plan.ends_at <= plan.starts_at:
        found.wrong("ends_at", "ends_before_start", "終わりは、始まりより後にしてください。")
    elif plan.ends_at - plan.starts_at > _LONGEST:
        detail = "1つのメンテナンスは14日以内にしてください。長いときは分けて登録してください。"
        found.wrong("ends_at", "too_long", detail)
    if plan.starts_at < now - _LATE:
        detail = "始まりは、1日前よりあとの日時にしてください。"
        found.wrong("starts_at", "too_early", detail)
    elif plan.starts_at > now + _FURTHEST:
        found.wrong("starts_at", "too_far", "始まりは、2年以内の日時にしてください。")


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window (システムメンテナンス)."""

    id: UUID
    series_id: UUID | None
    plan: Plan
    state: State
    #: From when that state counts: for what time brings about, the planned instant.
    state_since: datetime
    announced_at: datetime
    revision: int

    def expected(self, version: int | None) -> "Window":
        """This window, if it is still the version the editor saw."""
        if version is not None and version != self.revision:
            raise Stale(
                "version-stale",
                "ほかの方が先に変更しました。いまの内容を読み直してから、もう一度お試しください。",
            )
        return self

    def due(self, now: datetime) -> bool:
        """Whether time has brought its next state."""
        if self.state in PLANNED:
            return self.plan.starts_at <= now
        return (
            self.state in UNDER_WAY and not self.plan.end_is_estimate and self.plan.ends_at <= now
        )

    def changed(self, plan: Plan, *, now: datetime) -> "Window":
        """With another plan, before it begins."""
        self._only(PLANNED, "予定を変えられるのは、始まる前だけです。")
        if self.plan.starts_at <= now:
            raise Conflict(
                "maintenance-state", "もう始まる時刻を過ぎています。延長か終了を選んでください。"
            )
        checked_plan = checked(replace(plan, system=self.plan.system), now=now)
        return replace(self._moved(State.CHANGED, now), plan=checked_plan)

    def started(self) -> "Window":
        """In progress, as of the planned instant."""
        self._only(PLANNED, "始められるのは、予定のメンテナンスだけです。")
        return self._moved(State.IN_PROGRESS, self.plan.starts_at)

    def extended(self, until: datetime, *, estimate: bool, now: datetime) -> "Window":
        """Ends at another time than was said; never before now."""
        self._only(UNDER_WAY, "終わりを変えられるのは、実施中のメンテナンスだけです。")
        found = Findings()
        if until <= now:
            found.wrong("ends_at", "too_early", "終わりは、いまより後の日時にしてください。")
        elif until - self.plan.starts_at > _LONGEST * 2:
            found.wrong("ends_at", "too_long", "終わりは、始まりから28日以内にしてください。")
        found.settle()
        plan = replace(self.plan, ends_at=until, end_is_estimate=estimate)
        return replace(self._moved(State.EXTENDED, now), plan=plan)

    def finished(self, at: datetime) -> "Window":
        """The functions are back."""
        self._only(UNDER_WAY, "終了にできるのは、実施中のメンテナンスだけです。")
        at = max(at, self.plan.starts_at + timedelta(microseconds=1))
        plan = replace(self.plan, ends_at=at, end_is_estimate=False)
        return replace(self._moved(State.FINISHED, at), plan=plan)

    def cancelled(self, *, now: datetime) -> "Window":
        """Does not take place."""
        self._only(PLANNED, "取りやめられるのは、始まる前だけです。")
        return self._moved(State.CANCELLED, now)

    def _only(self, states: frozenset[State], why: str) -> None:
        if self.state not in states:
            raise Conflict("maintenance-state", f"{why}いまは「{_WORDS[self.state]}」です。")

    def _moved(self, state: State, at: datetime) -> "Window":
        since = max(at, self.state_since) if state is not State.IN_PROGRESS else at
        return replace(self, state=state, state_since=since, revision=self.revision + 1)
