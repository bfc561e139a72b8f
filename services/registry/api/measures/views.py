"""What a municipality and the secretariat see of a measure."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.refusal import FieldError
from contracts.registry import MeasureEntry
from contracts.values import GrantType
from services.registry.api.views import ProblemView, problems_view
from services.registry.model.measure.acts import next_acts
from services.registry.model.measure.changes import Change, changes
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.judging import Covered
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import Edition, State
from services.registry.store.measure_history import MeasureStep, MeasureVersion


class MeasureItem(BaseModel):
    """A measure in a list of the municipality or the secretariat."""

    measure_id: UUID
    municipality_id: UUID
    title: str
    #: ``draft``, ``internal_review``, ``returned``, ``approved``, ``scheduled``, ``open``, ``paused``, ``closed``,
    #: ``settling``, ``completed`` or ``cancelled``.
    state: State
    state_since: AwareDatetime
    #: Where a later version stands: ``draft``, ``internal_review``, ``returned``, ``approved``; none is under way.
    edition: Edition | None
    #: Goes into ``If-Match``.
    version: int
    #: The version applicants read; 0 before the first.
    published_version: int
    apply_from: AwareDatetime | None
    apply_until: AwareDatetime | None
    budget_yen: int | None
    #: Since when somebody else has to look at it.
    handed_in_at: AwareDatetime | None


class ServiceChoice(BaseModel):
    """A payment service that may be chosen: a contract of the year carries it."""

    code: str
    name: str
    provider_name: str
    grant_types: list[GrantType]


class CheckView(BaseModel):
    """One thing a program looked at for those who approve."""

    #: ``cover``, ``texts``, ``budget`` or ``dates``.
    code: str
    #: ``ok``, ``attention`` or ``wrong``.
    verdict: str
    title: str
    detail: str


class MeasureStepView(BaseModel):
    """One step of a measure so far."""

    at: AwareDatetime
    #: ``begun``, ``submitted``, ``returned``, ``approved``, ``confirmed``, ``edit_begun``, ``edit_discarded``,
    #: ``opened``, ``paused``, ``resumed``, ``closed``, ``settling``, ``completed``, ``cancelled`` or ``services_lost``.
    act: str
    #: ``municipality``, ``secretariat`` or ``system``.
    side: str
    message: str
    reason: str | None


class VersionItem(BaseModel):
    """A version in the change record."""

    number: int
    effective_at: AwareDatetime
    #: The names of the fields of the entry that differ from the version before.
    changed: list[str]
    note: str


class MeasureView(MeasureItem):
    """A measure as its municipality sees it."""

    form: MeasureForm
    #: What would have to be mended before the form can be handed in as it stands.
    problems: list[ProblemView]
    #: The entry the form amounts to as it stands; none while something must be mended.
    preview: MeasureEntry | None
    #: What was handed in and is approved and confirmed as it is.
    proposed: MeasureEntry | None
    #: What is in force.
    entry: MeasureEntry | None
    #: What the proposal would change of what is in force.
    changes: list[Change]
    checks: list[CheckView]
    #: Services that may be chosen in the fiscal year of the form.
    choices: list[ServiceChoice]
    #: Why it was given back, while it is to be mended.
    remark: str | None
    #: Of a pause or an end: ``municipality_decision``, ``provider_withdrawn``, ``registration_suspended``,
    #: ``budget_exhausted``, ``quota_reached`` or ``deadline``; of a cancellation the sentence.
    reason: str | None
    message: str
    #: When it goes on by itself: opens, closes, is settled.
    due_at: AwareDatetime | None
    opened_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    #: Whether the one who looks typed or handed in what is under way, and so may not approve it.
    is_drafter: bool
    #: Acts that are possible now: ``save``, ``submit``, ``approve``, ``return``, ``edit``, ``discard``, ``pause``,
    #: ``resume``, ``close``, ``cancel``, ``complete``.
    may: list[str]
    versions: list[VersionItem]
    history: list[MeasureStepView]


def item_fields(measure: Measure) -> dict[str, object]:
    """The fields a measure has in every list."""
    shown = measure.entry or measure.proposed
    return {
        "measure_id": measure.id,
        "municipality_id": measure.municipality_id,
        "title": measure.title or "（名前はまだありません）",
        "state": measure.state,
        "state_since": measure.state_since,
        "edition": measure.edition,
        "version": measure.version,
        "published_version": measure.published_version,
        "apply_from": shown.apply_from if shown else None,
        "apply_until": shown.apply_until if shown else None,
        "budget_yen": shown.budget_yen if shown else None,
        "handed_in_at": measure.handed_in_at,
    }


def measure_item(measure: Measure) -> MeasureItem:
    """A measure as a line of a list."""
    return MeasureItem.model_validate(item_fields(measure))


def version_items(versions: Sequence[MeasureVersion]) -> list[VersionItem]:
    """The change record, without the names of those who acted."""
    return [
        VersionItem(
            number=v.number, effective_at=v.effective_at, changed=list(v.changed), note=v.note
        )
        for v in versions
    ]


def step_views(steps: Sequence[MeasureStep]) -> list[MeasureStepView]:
    """The steps, without the names of those who acted."""
    return [MeasureStepView.model_validate(step, from_attributes=True) for step in steps]


def choices_view(covered: Sequence[Covered]) -> list[ServiceChoice]:
    """Services as they are chosen from."""
    return [
        ServiceChoice(
            code=s.code, name=s.name, provider_name=s.provider_name,
            grant_types=sorted(s.grant_types),
        )
        for s in covered
    ]  # fmt: skip


def measure_view(
    measure: Measure,
    *,
    judged: tuple[MeasureEntry | None, Sequence[FieldError]],
    covered: Sequence[Covered],
    checks: list[CheckView],
    steps: Sequence[MeasureStep],
    versions: Sequence[MeasureVersion],
    looker: str,
) -> MeasureView:
    """A measure as it is shown to those concerned."""
    given_back = measure.stage == "returned"
    return MeasureView.model_validate(
        {
            **item_fields(measure),
            "form": measure.form,
            "problems": problems_view(judged[1]),
            "preview": judged[0],
            "proposed": measure.proposed,
            "entry": measure.entry,
            "changes": _changes(measure),
            "checks": checks,
            "choices": choices_view(covered),
            "remark": _remark(steps) if given_back else None,
            "reason": measure.reason,
            "message": measure.message,
            "due_at": measure.due_at,
            "opened_at": measure.opened_at,
            "ended_at": measure.ended_at,
            "is_drafter": looker in measure.drafted_by,
            "may": next_acts(measure),
            "versions": version_items(versions),
            "history": step_views(steps),
        }
    )


def _changes(measure: Measure) -> list[Change]:
    if measure.edition is None or measure.entry is None or measure.proposed is None:
        return []
    return changes(measure.entry, measure.proposed)


def _remark(steps: Sequence[MeasureStep]) -> str | None:
    return next((s.message for s in reversed(steps) if s.act == "returned"), None)
