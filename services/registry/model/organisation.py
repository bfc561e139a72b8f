"""An organisation and its registration: what may happen to it, in which state, by whom."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.refusal import Conflict, FieldError, Forbidden, Invalid, Stale
from contracts.principal import Principal
from contracts.values import OrganisationKind
from services.registry.model.application import MunicipalityApplication, ProviderApplication
from services.registry.model.form import RegistrationForm


class State(StrEnum):
    """Where a registration stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    REGISTERED = "registered"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


#: States in which the form may be typed in. A rejected or withdrawn one begins anew by the first save.
EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.REJECTED, State.WITHDRAWN})
#: States in the public register.
IN_REGISTER = frozenset({State.REGISTERED, State.SUSPENDED})

_WORDS = {
    State.DRAFT: "下書き",
    State.SUBMITTED: "受付済み",
    State.UNDER_REVIEW: "審査中",
    State.RETURNED: "修正待ち",
    State.REGISTERED: "登録済み",
    State.REJECTED: "不登録",
    State.SUSPENDED: "停止中",
    State.WITHDRAWN: "辞退済み",
}
_EARLIEST = date(2016, 4, 1)
_FURTHEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Organisation:
    """A municipality or provider, from its first draft to its last day in the register."""

    id: UUID
    kind: OrganisationKind
    source: str
    account_open: bool
    claimed_code: str
    claimed_name: str
    state: State
    reference: str | None
    code: str | None
    name: str | None
    form: RegistrationForm
    #: What it is registered with; None before it ever was.
    application: MunicipalityApplication | ProviderApplication | None
    correct_by: date | None
    submissions: int
    submitted_at: datetime | None
    registered_on: date | None
    effective_on: date | None
    #: Changes with every save; clients name it in ``If-Match``.
    version: int
    #: Of the last fact said about it; 0 when nothing was said yet.
    revision: int
    created_at: datetime
    state_since: datetime
    #: When the last fact about it, its services or its participation occurred.
    said_at: datetime | None

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it whatever clocks and locks did."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def expected(self, version: int | None) -> "Organisation":
        """This organisation, if it is still the version the client saw."""
        if version is not None and version != self.version:
            raise Stale(
                "version-stale",
                "ほかの方が先に保存しました。いまの内容を読み直してから、もう一度お試しください。",
            )
        return self

    def saved(self, form: RegistrationForm, *, now: datetime) -> "Organisation":
        """With another draft; a finished registration begins anew by it."""
        self._only(EDITABLE, "いまは入力を変えられません。")
        if self.state in (State.REJECTED, State.WITHDRAWN):
            begun = self._moved(State.DRAFT, now)
            return replace(begun, form=form, reference=None, code=None, name=None)
        return replace(self, form=form, version=self.version + 1)

    def saved_form(self, form: RegistrationForm) -> "Organisation":
        """With the form its registered data came from."""
        return replace(self, form=form)

    def submitted(
        self,
        application: MunicipalityApplication | ProviderApplication,
        *,
        reference: str,
        now: datetime,
    ) -> "Organisation":
        """Handed in, first or again."""
        self._only({State.DRAFT, State.RETURNED}, "この登録は、いま提出できる状態ではありません。")
        return replace(
            self._moved(State.SUBMITTED, now, said=True),
            reference=reference,
            code=application.code,
            name=application.name,
            submissions=self.submissions + 1,
            submitted_at=now,
            correct_by=None,
        )

    def taken(self, *, now: datetime) -> "Organisation":
        """Under review."""
        self._only({State.SUBMITTED}, "審査を始められるのは、受付済みの申請だけです。")
        return self._moved(State.UNDER_REVIEW, now, said=True)

    def returned(self, *, correct_by: date, today: date, now: datetime) -> "Organisation":
        """Given back for correction until a day."""
        self._only({State.UNDER_REVIEW}, "直してもらえるのは、審査中の申請だけです。")
        if not today < correct_by or (correct_by - today).days > _FURTHEST_DAYS:
            raise _day_refused("correct_by", "修正の期限は、明日から1年後までの日にしてください。")
        return replace(self._moved(State.RETURNED, now, said=True), correct_by=correct_by)

    def rejected(self, *, now: datetime) -> "Organisation":
        """Not registered."""
        self._only({State.UNDER_REVIEW}, "不登録にできるのは、審査中の申請だけです。")
        return self._moved(State.REJECTED, now, said=True)

    def approved(
        self,
        application: MunicipalityApplication | ProviderApplication,
        *,
        effective_on: date,
        today: date,
        now: datetime,
    ) -> "Organisation":
        """In the register from a day on."""
        self._only({State.UNDER_REVIEW}, "登録できるのは、審査中の申請だけです。")
        self._effective(effective_on, today)
        moved = self._moved(State.REGISTERED, now, said=True)
        return replace(
            moved, application=application, registered_on=effective_on, effective_on=effective_on
        )

    def suspended(self, *, effective_on: date, today: date, now: datetime) -> "Organisation":
        """Resting: out of the lists, still in the register."""
        self._only({State.REGISTERED}, "停止できるのは、登録済みの団体だけです。")
        return self._in_register(State.SUSPENDED, effective_on, today, now)

    def resumed(self, *, effective_on: date, today: date, now: datetime) -> "Organisation":
        """In the lists again."""
        self._only({State.SUSPENDED}, "再開できるのは、停止中の団体だけです。")
        return self._in_register(State.REGISTERED, effective_on, today, now)

    def left(self, *, effective_on: date, today: date, now: datetime) -> "Organisation":
        """Out of the register (辞退)."""
        self._only(IN_REGISTER, "辞退できるのは、登録済みか停止中の団体だけです。")
        return self._in_register(State.WITHDRAWN, effective_on, today, now)

    def altered(
        self,
        application: MunicipalityApplication | ProviderApplication,
        *,
        effective_on: date,
        today: date,
        now: datetime,
    ) -> "Organisation":
        """With other registered data from a day on."""
        self._only({State.REGISTERED}, "変更できるのは、登録済みの団体だけです。")
        self._effective(effective_on, today)
        return replace(
            self,
            application=application,
            code=application.code,
            name=application.name,
            effective_on=effective_on,
            version=self.version + 1,
            said_at=now,
        )

    def noted(self, *, now: datetime) -> "Organisation":
        """The same, with one more fact said about it."""
        return replace(self, version=self.version + 1, revision=self.revision + 1, said_at=now)

    def touched(self, *, now: datetime) -> "Organisation":
        """The same, with a fact said about something of its own."""
        return replace(self, version=self.version + 1, said_at=now)

    def dropped(self, *, now: datetime) -> "Organisation":
        """An unfinished registration taken back; what was typed stays as a draft."""
        self._only(
            {State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED},
            "取り下げられるのは、提出してから結果が出るまでの間です。",
        )
        moved = self._moved(State.DRAFT, now, said=True)
        return replace(moved, correct_by=None)

    def reviewed_by(self, reviewer: Principal, submitted_by: str) -> "Organisation":
        """This organisation, if ``reviewer`` stands outside of it and did not hand it in."""
        if reviewer.organisation_id == self.id or str(reviewer) == submitted_by:
            raise Forbidden(
                "own-registration",
                "提出した方や同じ団体の方は審査できません。別の担当者にかわってください。",
            )
        return self

    def _only(self, states: frozenset[State] | set[State], why: str) -> None:
        if self.state not in states:
            raise Conflict("registration-state", f"{why}いまは「{_WORDS[self.state]}」です。")

    def _moved(self, state: State, now: datetime, *, said: bool = False) -> "Organisation":
        return replace(
            self,
            state=state,
            state_since=now,
            version=self.version + 1,
            revision=self.revision + said,
            said_at=now if said else self.said_at,
        )

    def _in_register(
        self, state: State, effective_on: date, today: date, now: datetime
    ) -> "Organisation":
        self._effective(effective_on, today)
        return replace(self._moved(state, now, said=True), effective_on=effective_on)

    def _effective(self, day: date, today: date) -> None:
        """A fact may be late or early, but never before the one it follows."""
        if self.effective_on is not None and day < self.effective_on:
            shown = self.effective_on.isoformat()
            raise _day_refused("effective_on", f"前の変更の日（{shown}）以後の日を入れてください。")
        if day < _EARLIEST or (day - today).days > _FURTHEST_DAYS:
            raise _day_refused(
                "effective_on", "適用する日は、2016年4月から1年後までの日にしてください。"
            )


def _day_refused(field: str, detail: str) -> Invalid:
    return Invalid("day-refused", detail, errors=[FieldError(field, "day_refused", detail)])
