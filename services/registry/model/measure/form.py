"""A measure as it is typed, page by page: kept in full, judged only when it is handed in."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.registry.model.form import Long, Section, Short

#: Longer than what is taken in the end, so that what was typed is not lost by a few words.
Words = Annotated[str, StringConstraints(max_length=8000)]


class BasicsSection(Section):
    """基本: the year, what it is for, what a resident does to take part."""

    fiscal_year: Short = ""
    purpose: Short = ""
    entry_type: Short = ""


class WhoSection(Section):
    """対象: who may receive, for whom it counts, how often; ``yes`` is said as a word."""

    unit: Short = ""
    times: Short = ""
    areas: list[Short] = Field(default=[], max_length=200)
    born_from: Short = ""
    born_until: Short = ""
    years_from: Short = ""
    years_until: Short = ""
    years_on: Short = ""
    target_list: Short = ""
    attendance: Short = ""
    statements: list[Long] = Field(default=[], max_length=10)


class AmountStepFields(Section):
    """A line of the table by the number of children."""

    children_from: Short = ""
    amount_yen: Short = ""


class AmountSection(Section):
    """金額: how much, of which budget, for how many."""

    grant_type: Short = ""
    amount_yen: Short = ""
    steps: list[AmountStepFields] = Field(default=[], max_length=20)
    rate_percent: Short = ""
    cap_per_entitlement_yen: Short = ""
    cap_per_transaction_yen: Short = ""
    budget_yen: Short = ""
    quota: Short = ""
    on_exhaustion: Short = ""


class DatesSection(Section):
    """日程: days and, where it is not midnight, times in Japan; the last day counts in full."""

    apply_from_on: Short = ""
    apply_from_time: Short = ""
    apply_until_on: Short = ""
    apply_until_time: Short = ""
    take_part_from: Short = ""
    take_part_until: Short = ""
    allocate_by: Short = ""
    grant_timing: Short = ""


class ServiceFields(Section):
    """A payment service in which the points can be received, by its code in the register."""

    code: Short = ""
    apply_until_on: Short = ""
    apply_until_time: Short = ""
    note: Long = ""


class EvidenceFields(Section):
    """A paper an applicant shows."""

    code: Short = ""
    label: Short = ""
    needed: Short = "yes"


class OccasionFields(Section):
    """A place and time at which attendance counts; its code stays the same in later versions."""

    code: Short = ""
    name: Short = ""
    place: Short = ""
    starts_on: Short = ""
    starts_time: Short = ""
    ends_on: Short = ""
    ends_time: Short = ""


class ReviewSection(Section):
    """審査: when and by whom it is looked at, what may be changed afterwards."""

    review_method: Short = ""
    evidence: list[EvidenceFields] = Field(default=[], max_length=10)
    occasions: list[OccasionFields] = Field(default=[], max_length=100)
    change_allowed: Short = ""
    withdrawal_allowed: Short = "yes"


class TextFields(Section):
    """What it is called and says, in one language."""

    title: Short = ""
    summary: Long = ""
    body: Words = ""


class TextsSection(Section):
    """文章: Japanese and easy Japanese are needed, English may be missing."""

    ja: TextFields = TextFields()
    easy: TextFields = TextFields()
    en: TextFields = TextFields()


class DeskFields(Section):
    """Where people ask or get help."""

    name: Short = ""
    telephone: Short = ""
    hours: Short = ""


class PaperFields(Section):
    """A document everybody may read."""

    title: Short = ""
    url: Annotated[str, StringConstraints(max_length=500)] = ""


class DocumentsSection(Section):
    """書類と窓口: public documents and the desks that help."""

    papers: list[PaperFields] = Field(default=[], max_length=20)
    desks: list[DeskFields] = Field(default=[], max_length=20)


class MeasureForm(Section):
    """The whole form of a measure."""

    basics: BasicsSection = BasicsSection()
    who: WhoSection = WhoSection()
    amount: AmountSection = AmountSection()
    dates: DatesSection = DatesSection()
    services: list[ServiceFields] = Field(default=[], max_length=50)
    review: ReviewSection = ReviewSection()
    texts: TextsSection = TextsSection()
    documents: DocumentsSection = DocumentsSection()

    def with_sections(self, **sections: object) -> "MeasureForm":
        """The form with whole sections replaced; a section that is None stays as it was."""
        return self.model_copy(update={k: v for k, v in sections.items() if v is not None})
