"""A measure: what may happen to it, in which state, by whom, and when it goes on by itself."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.refusal import Conflict, Forbidden, Stale
from contracts.registry import MeasureEntry
from contracts.values import CloseReason
from services.registry.model.measure.dates import start_of
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.state import LIVE, UNPUBLISHED, WORDS, Edition, State


@dataclass(frozen=True, slots=True)
class Measure:
    """A benefit (施策) a municipality offers, from its first draft until everything is settled."""

    id: UUID
    municipality_id: UUID
    state: State
    created_at: datetime
    state_since: datetime
    form: MeasureForm = field(default_factory=MeasureForm)
    #: Of a later version that is under way.
    edition: Edition | None = None
    #: What was handed in; this is approved and confirmed.
    proposed: MeasureEntry | None = None
    #: What is in force.
    entry: MeasureEntry | None = None
    published_version: int = 0
    #: Everybody who typed or handed in what is under way.
    drafted_by: tuple[str, ...] = ()
    approved_by: str | None = None
    handed_in_at: datetime | None = None
    #: The first time people could apply.
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    message: str = ""
    effective_at: datetime | None = None
    #: Changes with every save; clients name it in ``If-Match``.
    version: int = 1
    #: Of the last fact said about it.
    revision: int = 0
    said_at: datetime | None = None
    #: Since when nobody who applies gets a place; benefits says it.
    used_up_at: datetime | None = None

    @property
    def title(self) -> str:
        """What it is called: as in force, or as it is typed."""
        typed = " ".join(self.form.texts.ja.title.split())
        return self.entry.texts.ja.title if self.entry else typed

    @property
    def stage(self) -> str:
        """Where what is under way stands, whether a first version or a later one."""
        return str(self.edition or self.state)

    @property
    def due_at(self) -> datetime | None:
        """When it goes on by itself: it opens, closes or is settled."""
        if self.entry is None:
            return None
        if self.state is State.SCHEDULED:
            return self.entry.apply_from
        if self.state in (State.OPEN, State.PAUSED):
            return self.entry.apply_until
        if self.state is State.CLOSED:
            return start_of(self.entry.allocate_by + timedelta(days=1))
        return None

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it whatever clocks and locks did."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def from_when(self, due: datetime) -> datetime:
        """The instant from which something that is due is true: never before what was said last."""
        return due if self.effective_at is None else max(due, self.effective_at)

    def expected(self, version: int | None) -> "Measure":
        """This measure, if it is still the version the client saw."""
        if version is not None and version != self.version:
            raise Stale(
                "version-stale",
                "ほかの方が先に保存しました。いまの内容を読み直してから、もう一度お試しください。",
            )
        return self

    # ------------------------------------------------------------------ drafting

    def saved(self, form: MeasureForm, *, by: str) -> "Measure":
        """With another draft."""
        self._only_stage({"draft", "returned"}, "いまは入力を変えられません。")
        return replace(
            self,
            form=form,
            drafted_by=tuple(sorted({*self.drafted_by, by})),
            approved_by=None,
            version=self.version + 1,
        )

    def submitted(self, proposed: MeasureEntry, *, by: str, now: datetime) -> "Measure":
        """Handed to the approver."""
        self._only_stage({"draft", "returned"}, "いまは確認に出せません。")
        drafters = tuple(sorted({*self.drafted_by, by}))
        handed = replace(self, proposed=proposed, drafted_by=drafters, handed_in_at=now)
        return handed._staged("internal_review", now)

    def returned(self, *, from_stage: str, now: datetime) -> "Measure":
        """Given back to be mended, by the approver or by the secretariat."""
        self._only_stage({from_stage}, "いまは差し戻せません。")
        return replace(self, approved_by=None, handed_in_at=None)._staged("returned", now)

    def approved(self, *, by: str, now: datetime) -> "Measure":
        """Approved by somebody who had no hand in it."""
        self._only_stage({"internal_review"}, "承認できるのは、確認に出された施策だけです。")
        if by in self.drafted_by:
            raise Forbidden(
                "own-draft",
                "入力した方や確認に出した方は承認できません。別の職員が承認してください。",
            )
        return replace(self, approved_by=by, handed_in_at=now)._staged("approved", now)

    def edited(self, form: MeasureForm) -> "Measure":
        """With a later version begun."""
        self._only(LIVE, "変更を始められるのは、公開している施策だけです。")
        if self.edition is not None:
            raise Conflict(
                "measure-edition",
                "前の変更がまだ終わっていません。先に終わらせるか、やめてください。",
            )
        return replace(
            self,
            edition=Edition.DRAFT,
            form=form,
            proposed=None,
            drafted_by=(),
            approved_by=None,
            version=self.version + 1,
        )

    def discarded(self) -> "Measure":
        """Without the later version that was under way."""
        if self.edition is None:
            raise Conflict("measure-edition", "いま進めている変更はありません。")
        return replace(
            self, edition=None, proposed=None, handed_in_at=None, version=self.version + 1
        )

    # ------------------------------------------------------------------ public

    def confirmed(self, entry: MeasureEntry, *, now: datetime) -> "Measure":
        """In public: its first version, or the later one that was under way."""
        self._only_stage({"approved"}, "確認済みにできるのは、承認された施策だけです。")
        if self.edition is None:
            return replace(
                self._moved(State.SCHEDULED, now), entry=entry, published_version=entry.version,
                handed_in_at=None, effective_at=now,
            )  # fmt: skip
        return replace(self.changed(entry, now=now), edition=None, handed_in_at=None)

    def changed(
        self, entry: MeasureEntry, *, now: datetime, at: datetime | None = None
    ) -> "Measure":
        """With a later version in force."""
        self._only(LIVE, "変更できるのは、公開している施策だけです。")
        return replace(
            self._said(now), entry=entry, published_version=entry.version, effective_at=at or now
        )

    def opened(self, *, at: datetime, now: datetime) -> "Measure":
        """People may apply, from ``at`` on."""
        self._only({State.SCHEDULED, State.PAUSED}, "いまは開始できません。")
        moved = replace(self._moved(State.OPEN, at, now), effective_at=at, reason=None, message="")
        return replace(moved, opened_at=self.opened_at or at)

    def rescheduled(self, *, now: datetime) -> "Measure":
        """Goes on towards its opening after a pause before it."""
        self._only({State.PAUSED}, "再開できるのは、一時停止中の施策だけです。")
        moved = self._moved(State.SCHEDULED, now)
        return replace(moved, effective_at=now, reason=None, message="")

    def paused(self, reason: str, *, at: datetime, now: datetime, message: str = "") -> "Measure":
        """Nobody applies for the time being."""
        self._only({State.SCHEDULED, State.OPEN}, "一時停止できるのは、公開している施策だけです。")
        moved = self._moved(State.PAUSED, at, now)
        return replace(moved, effective_at=at, reason=reason, message=message)

    def closed(
        self, reason: CloseReason, *, at: datetime, now: datetime, message: str = ""
    ) -> "Measure":
        """Nobody applies any more; a later version under way is given up."""
        self._only({State.OPEN, State.PAUSED}, "受付を終えられるのは、始まっている施策だけです。")
        moved = self._moved(State.CLOSED, at, now)
        return replace(
            moved, effective_at=at, ended_at=at, reason=reason, message=message, edition=None,
            handed_in_at=None,
        )  # fmt: skip

    def settling(self, *, at: datetime, now: datetime) -> "Measure":
        """The last day to allocate is over."""
        self._only({State.CLOSED}, "精算に進めるのは、受付を終えた施策だけです。")
        return replace(self._moved(State.SETTLING, at, now), effective_at=at)

    def completed(self, *, now: datetime) -> "Measure":
        """Everything is settled."""
        self._only({State.SETTLING}, "完了にできるのは、精算中の施策だけです。")
        return replace(self._moved(State.COMPLETED, now), effective_at=now)

    def cancelled(self, reason: str, *, now: datetime) -> "Measure":
        """It does not take place; nobody could apply yet."""
        before_opening = UNPUBLISHED | {State.SCHEDULED, State.PAUSED}
        self._only(before_opening, "中止できるのは、受付を始める前の施策だけです。")
        if self.opened_at is not None:
            raise Conflict(
                "measure-state",
                "受付を始めた施策は中止できません。受付を終了してください。",
            )
        ended = replace(self, reason=reason, edition=None, handed_in_at=None)
        if self.entry is None:
            # Nobody outside ever heard of it, so nothing is said.
            return replace(ended, state=State.CANCELLED, state_since=now, version=self.version + 1)
        return replace(ended._moved(State.CANCELLED, now), effective_at=now)

    # ------------------------------------------------------------------ within

    def _only(self, states: frozenset[State] | set[State], why: str) -> None:
        if self.state not in states:
            raise Conflict("measure-state", f"{why}いまは「{WORDS[self.state]}」です。")

    def _only_stage(self, stages: set[str], why: str) -> None:
        if self.stage not in stages:
            raise Conflict("measure-state", f"{why}いまは「{WORDS[State(self.stage)]}」です。")

    def _staged(self, stage: str, now: datetime) -> "Measure":
        if self.edition is not None:
            return replace(self._said(now), edition=Edition(stage))
        return self._moved(State(stage), now)

    def _moved(self, state: State, at: datetime, now: datetime | None = None) -> "Measure":
        return replace(self._said(now or at), state=state, state_since=at)

    def _said(self, now: datetime) -> "Measure":
        return replace(self, version=self.version + 1, revision=self.revision + 1, said_at=now)
