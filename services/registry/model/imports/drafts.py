"""A row of a file of measures as the form it begins with."""

from collections.abc import Mapping
from typing import Any

from services.registry.model.imports.measures import MEASURE_COLUMNS
from services.registry.model.measure.form import (
    AmountSection,
    BasicsSection,
    DatesSection,
    TextFields,
    TextsSection,
)


def sections_of(row: Mapping[str, Any]) -> dict[str, object]:
    """The sections of the form a row begins with; everything else is typed later."""
    typed = {column.key: str(row.get(column.key, "")) for column in MEASURE_COLUMNS}
    return {
        "basics": BasicsSection(
            fiscal_year=typed["fiscal_year"],
            purpose=typed["purpose"],
            entry_type=typed["entry_type"],
        ),
        "amount": AmountSection(
            grant_type=typed["grant_type"],
            amount_yen=typed["amount_yen"],
            rate_percent=typed["rate_percent"],
            cap_per_entitlement_yen=typed["cap_yen"],
            budget_yen=typed["budget_yen"],
            quota=typed["quota"],
        ),
        "dates": DatesSection(
            apply_from_on=typed["apply_from_on"],
            apply_until_on=typed["apply_until_on"],
            allocate_by=typed["allocate_by"],
        ),
        "texts": TextsSection(
            ja=TextFields(title=typed["title"], summary=typed["summary"], body=typed["body"]),
            easy=TextFields(title=typed["title_easy"]),
        ),
    }
