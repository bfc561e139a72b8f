"""What an organisation and the secretariat see of a registration."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.clock import day_of
from chassis.refusal import FieldError
from contracts.registry import OrganisationEntry
from contracts.values import OrganisationKind
from services.registry.model.documents import needed_slots, slots_of
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import EDITABLE, Organisation, State
from services.registry.model.standing import next_acts, result_due
from services.registry.store.documents import Document
from services.registry.store.submissions import Step


class ProblemView(BaseModel):
    """What to mend in a field."""

    field: str
    code: str
    detail: str


class DocumentView(BaseModel):
    """A document that was handed in."""

    id: UUID
    slot: str
    name: str
    media_type: str
    size: int
    sha256: str
    #: ``quarantined`` while it is being looked through, then ``checked`` or ``refused``.
    state: str
    why: str | None
    uploaded_at: AwareDatetime


class SlotView(BaseModel):
    """A document that may, or must, be handed in."""

    slot: str
    label: str
    needed: bool
    document: DocumentView | None


class StepView(BaseModel):
    """One step of a registration so far."""

    at: AwareDatetime
    #: ``account_issued``, ``entered_on_behalf``, ``submitted``, ``submitted_again``, ``review_started``, ``returned``,
    #: ``rejected``, ``registered``, ``application_withdrawn``, ``suspended``, ``resumed``, ``withdrawn``,
    #: ``change_requested``, ``change_withdrawn``, ``change_approved``, ``change_rejected``.
    act: str
    #: ``organisation``, ``secretariat`` or ``system``.
    side: str
    message: str
    reason: str | None
    remarks: list[ProblemView]
    day: date | None


class RegistrationView(BaseModel):
    """A registration, as the organisation itself sees it."""

    organisation_id: UUID
    organisation_kind: OrganisationKind
    #: ``draft``, ``submitted``, ``under_review``, ``returned``, ``registered``, ``rejected``, ``suspended``
    #: or ``withdrawn``.
    state: State
    state_since: AwareDatetime
    reference: str | None
    #: Goes into ``If-Match``.
    version: int
    #: As the account was asked for.
    claimed_code: str
    claimed_name: str
    #: The guideline version that must be accepted now.
    guideline_version: str
    form: RegistrationForm
    #: What would have to be mended before the form can be handed in as it stands.
    problems: list[ProblemView]
    documents: list[SlotView]
    submissions: int
    submitted_at: AwareDatetime | None
    #: The day by which the secretariat promises a result; while it is its turn.
    result_due_on: date | None
    #: Of a registration that was returned: what, where, until when.
    message: str | None
    remarks: list[ProblemView]
    correct_by: date | None
    #: Acts that are possible now: ``save``, ``submit``, ``withdraw``, ``request_change``, ``declare_participation``.
    may: list[str]
    entry: OrganisationEntry | None
    history: list[StepView]


def problems_view(errors: Sequence[FieldError]) -> list[ProblemView]:
    """Field errors as they are shown."""
    return [ProblemView(field=e.field, code=e.code, detail=e.detail) for e in errors]


def document_view(document: Document) -> DocumentView:
    """A document as it is shown."""
    return DocumentView.model_validate(document, from_attributes=True)


def slot_views(
    kind: OrganisationKind, form: RegistrationForm, files: Sequence[Document]
) -> list[SlotView]:
    """Every place for a document, filled or not."""
    needed = {slot.name for slot in needed_slots(kind, form)}
    there = {f.slot: f for f in files}
    return [
        SlotView(
            slot=slot.name,
            label=slot.label,
            needed=slot.name in needed,
            document=document_view(there[slot.name]) if slot.name in there else None,
        )
        for slot in slots_of(kind)
    ]


def step_views(steps: Sequence[Step]) -> list[StepView]:
    """The steps, without the names of those who acted."""
    return [
        StepView(
            at=step.at,
            act=step.act,
            side=_side(step),
            message=step.message,
            reason=step.reason,
            remarks=problems_view(step.remarks),
            day=step.day,
        )
        for step in steps
    ]


_OF_CHANGES = {"change_requested", "change_withdrawn"}


def _side(step: Step) -> str:
    if step.actor.startswith("service/"):
        return "system"
    own = {"submitted", "submitted_again", "application_withdrawn"} | _OF_CHANGES
    return "organisation" if step.act in own else "secretariat"


def registration_view(
    organisation: Organisation,
    *,
    guideline: str,
    problems: Sequence[FieldError],
    files: Sequence[Document],
    steps: Sequence[Step],
    entry: OrganisationEntry | None,
) -> RegistrationView:
    """A registration as it is shown to those concerned."""
    asked = next((s for s in reversed(steps) if s.act in ("returned", "rejected")), None)
    concerned = asked if organisation.state in (State.RETURNED, State.REJECTED) else None
    return RegistrationView(
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        state=organisation.state,
        state_since=organisation.state_since,
        reference=organisation.reference,
        version=organisation.version,
        claimed_code=organisation.claimed_code,
        claimed_name=organisation.claimed_name,
        guideline_version=guideline,
        form=organisation.form,
        problems=problems_view(problems) if organisation.state in EDITABLE else [],
        documents=slot_views(organisation.kind, organisation.form, files),
        submissions=organisation.submissions,
        submitted_at=organisation.submitted_at,
        result_due_on=promise(organisation),
        message=concerned.message if concerned else None,
        remarks=problems_view(concerned.remarks) if concerned else [],
        correct_by=organisation.correct_by,
        may=next_acts(organisation),
        entry=entry,
        history=step_views(steps),
    )


def promise(organisation: Organisation) -> date | None:
    """The day by which the secretariat promises a result, while it is its turn."""
    if organisation.state not in (State.SUBMITTED, State.UNDER_REVIEW):
        return None
    submitted = organisation.submitted_at
    return result_due(day_of(submitted)) if submitted else None
