"""What reviewers of a municipality are shown."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.benefits.api.evidence import EvidenceView
from services.benefits.model.eligibility import Finding
from services.benefits.store.applicants import Applicant
from services.benefits.store.applications import Event


class FindingView(BaseModel):
    """What one rule says: ``yes``, ``no``, or ``open`` for a person to look."""

    rule: str
    says: str
    reason: str | None = None
    told: str = ""

    @classmethod
    def of(cls, finding: Finding) -> "FindingView":
        """As it was found."""
        return cls(rule=finding.rule, says=finding.says, reason=finding.reason, told=finding.told)


class ApplicantView(BaseModel):
    """The person an application is for, as the card said."""

    name: str
    name_kana: str
    birth_on: date
    municipality_code: str
    address: str

    @classmethod
    def of(cls, found: Applicant) -> "ApplicantView":
        """As the card said."""
        return cls(
            name=found.name,
            name_kana=found.name_kana,
            birth_on=found.birth_on,
            municipality_code=found.municipality_code,
            address=found.address,
        )


class StepView(BaseModel):
    """A step of an application, with who did it and who stood beside."""

    act: str
    at: datetime
    actor: str
    approved_by: str | None
    version: int | None
    findings: list[FindingView]
    reason: str | None
    message: str

    @classmethod
    def of(cls, event: Event) -> "StepView":
        """As it was written down."""
        return cls(
            act=event.act,
            at=event.at,
            actor=event.actor,
            approved_by=event.approved_by,
            version=event.version,
            findings=[FindingView.of(finding) for finding in event.findings],
            reason=event.reason,
            message=event.message,
        )


class ReviewView(BaseModel):
    """One application, whole, for those who review it."""

    id: UUID
    reference: str
    measure_id: UUID
    title: str
    resident_ref: str
    state: str
    state_since: datetime
    submitted_at: datetime
    decide_by: datetime
    answer_by: datetime | None
    amount_yen: int
    #: The version of the measure whose rules count for it.
    measure_version: int
    target_number: str | None
    children: int | None
    applicant: ApplicantView
    findings: list[FindingView]
    verdict: str
    evidence: list[EvidenceView]
    events: list[StepView]
    version: int
