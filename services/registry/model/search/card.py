"""A measure as a search shows it: what no time changes is written once, when it enters the index."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from contracts.registry import Amount, MeasureEntry
from contracts.values import EntitlementUnit, EntryType, Purpose, ReviewMethod


class CardService(BaseModel):
    """A payment service in which the points can be received."""

    code: str
    name: str


class MeasureCard(BaseModel):
    """A measure in a list of results, without how it stands now."""

    measure_id: UUID
    version: int
    title: str
    title_easy: str
    title_en: str | None
    summary: str
    municipality_code: str
    municipality_name: str
    #: None for a body that lies in several prefectures.
    prefecture_code: str | None
    prefecture: str
    fiscal_year: int
    purpose: Purpose
    entry_type: EntryType
    review_method: ReviewMethod
    unit: EntitlementUnit
    times: int
    amount: Amount
    #: What one entitlement is worth at most.
    most_yen: int
    apply_from: AwareDatetime
    #: The first instant at which nobody applies any more.
    apply_until: AwareDatetime
    allocate_by: date
    budget_yen: int
    quota: int | None
    services: list[CardService]
    published_at: AwareDatetime
    #: When something public was last said of it.
    updated_at: AwareDatetime


def card_of(
    measure_id: UUID,
    entry: MeasureEntry,
    *,
    published_at: datetime,
    updated_at: datetime,
    prefecture: str,
) -> bytes:
    """The card as JSON, without its opening brace: how the measure stands is written before it."""
    shared = {
        name: getattr(entry, name) for name in MeasureCard.model_fields if hasattr(entry, name)
    }
    card = MeasureCard(
        **shared | {"services": [CardService(code=s.code, name=s.name) for s in entry.services]},
        measure_id=measure_id,
        title=entry.texts.ja.title,
        title_easy=entry.texts.easy.title,
        title_en=entry.texts.en.title if entry.texts.en else None,
        summary=entry.texts.ja.summary,
        prefecture=prefecture,
        most_yen=entry.amount.most_yen,
        published_at=published_at,
        updated_at=updated_at,
    )
    return card.model_dump_json().encode()[1:]
