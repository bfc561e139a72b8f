"""A measure (施策) as everybody may read it: who may receive how much, until when, by what service."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.values import (
    ChangeAllowed,
    EntitlementUnit,
    EntryType,
    FiscalYear,
    GrantType,
    OnExhaustion,
    Purpose,
    ReviewMethod,
)


class Part(BaseModel):
    """A part of an entry."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class AmountStep(Part):
    """From this many children on (1, 2, …), this amount for each entitlement."""

    children_from: int
    amount_yen: int


class Amount(Part):
    """What one entitlement is worth. Yen are whole; rates are whole percents with a cap, rounded down."""

    grant_type: GrantType
    #: ``fixed`` without a table.
    amount_yen: int | None = None
    #: ``fixed`` by the number of children, in rising order.
    steps: tuple[AmountStep, ...] = ()
    #: ``purchase_rate`` and ``charge_rate``.
    rate_percent: int | None = None
    cap_per_entitlement_yen: int | None = None
    cap_per_transaction_yen: int | None = None

    @property
    def most_yen(self) -> int:
        """What one entitlement can be worth at most: what an application reserves of the budget."""
        fixed = [step.amount_yen for step in self.steps] or [self.amount_yen or 0]
        return self.cap_per_entitlement_yen or max(fixed)


class Evidence(Part):
    """A paper an applicant shows."""

    code: str
    label: str
    needed: bool = True


class Eligibility(Part):
    """Who may receive, as data. Everything given must hold."""

    #: Prefecture codes (2 digits) or municipality codes (6); one of them is where the person is registered.
    #: Empty: people from anywhere.
    areas: tuple[str, ...] = ()
    born_from: date | None = None
    born_until: date | None = None
    #: Completed years on ``years_on``, or on the day of the application without it.
    years_from: int | None = None
    years_until: int | None = None
    years_on: date | None = None
    #: Only those whose number stands on the target list (付与対象者リスト) of the measure.
    target_list: bool = False
    #: Attendance at one of ``occasions`` is reported with its code.
    attendance: bool = False
    evidence: tuple[Evidence, ...] = ()
    #: Sentences the applicant says are true.
    statements: tuple[str, ...] = ()


class Occasion(Part):
    """A place and time at which attendance counts."""

    occasion_id: UUID
    name: str
    place: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class ServiceInScope(Part):
    """A payment service in which the points can be received, by the match that covers it."""

    payment_service_id: UUID
    code: str
    name: str
    provider_id: UUID
    provider_name: str
    match_id: UUID
    #: The service's own cut-off, where it is earlier than the measure's.
    apply_until: AwareDatetime | None = None
    note: str = ""


class Text(Part):
    """What a measure is called and says, in one language; plain text, paragraphs by line breaks."""

    title: str
    summary: str
    body: str = ""


class Texts(Part):
    """The languages of a measure; English may be missing."""

    ja: Text
    easy: Text
    en: Text | None = None


class HelpDesk(Part):
    """Where people ask or get help."""

    name: str
    telephone: str = ""
    hours: str = ""


class Paper(Part):
    """A document of a measure, by its public address."""

    title: str
    url: str


class MeasureEntry(Part):
    """One version of a measure, whole."""

    municipality_id: UUID
    municipality_code: str
    municipality_name: str
    #: None for a body that lies in several prefectures.
    prefecture_code: str | None = None
    fiscal_year: FiscalYear
    #: Versions of the content that applicants can look up: 1, 2, 3 …
    version: int
    purpose: Purpose
    entry_type: EntryType
    review_method: ReviewMethod
    unit: EntitlementUnit
    #: How often one person, child or household may receive.
    times: int = 1
    amount: Amount
    eligibility: Eligibility
    apply_from: AwareDatetime
    #: The first instant at which nobody applies any more.
    apply_until: AwareDatetime
    take_part_from: date | None = None
    take_part_until: date | None = None
    #: The last day on which points can be allocated.
    allocate_by: date
    grant_timing: str = ""
    budget_yen: int
    quota: int | None = None
    on_exhaustion: OnExhaustion = OnExhaustion.CLOSE
    services: tuple[ServiceInScope, ...]
    occasions: tuple[Occasion, ...] = ()
    change_allowed: ChangeAllowed = ChangeAllowed.UNTIL_SENT
    withdrawal_allowed: bool = True
    texts: Texts
    desks: tuple[HelpDesk, ...] = ()
    papers: tuple[Paper, ...] = ()
