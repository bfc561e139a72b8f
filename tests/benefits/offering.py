"""Measures as the register says them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.clock import day_of, now
from contracts.registry import MeasureEntry

MUNICIPALITY = UUID("01900000-0000-7000-8000-000000000101")


def entry_of(**more: Any) -> MeasureEntry:
    """A measure of 小松市 that is open now: 3,000 yen for residents, decided at once; ``quota=10`` changes it."""
    moment = now()
    text = {"title": "子育て応援ポイント", "summary": "3,000円分を届けます。"}
    given: dict[str, Any] = {
        "municipality_id": MUNICIPALITY,
        "municipality_code": "172031",
        "municipality_name": "小松市",
        "prefecture_code": "17",
        "fiscal_year": 2026,
        "version": 1,
        "purpose": "child_rearing",
        "entry_type": "point_application",
        "review_method": "automatic",
        "unit": "person",
        "amount": {"grant_type": "fixed", "amount_yen": 3_000},
        "eligibility": {"areas": ["172031"]},
        "apply_from": moment - timedelta(days=1),
        "apply_until": moment + timedelta(days=30),
        "allocate_by": day_of(moment + timedelta(days=60)),
        "budget_yen": 3_000_000,
        "services": [],
        "texts": {"ja": text, "easy": text},
    }
    return MeasureEntry.model_validate(given | more)
