"""Measures as the registry says them, for pages that are tested without it."""

from typing import Any

from services.registry.model.measure.form import MeasureForm

MEASURE_ID = "0197a000-0000-7000-8000-00000000aaaa"

#: One version of a measure, whole: the names of its fields are the contract's.
ENTRY: dict[str, Any] = {
    "municipality_id": "0197a000-0000-7000-8000-000000000001",
    "municipality_code": "172031",
    "municipality_name": "小松市",
    "prefecture_code": "17",
    "fiscal_year": 2026,
    "version": 1,
    "purpose": "child_rearing",
    "entry_type": "point_application",
    "review_method": "post",
    "unit": "child",
    "times": 1,
    "amount": {"grant_type": "fixed", "amount_yen": 3000, "steps": []},
    "eligibility": {
        "areas": ["172031"],
        "born_from": "2005-04-02",
        "years_until": 18,
        "evidence": [{"code": "birth", "label": "母子健康手帳の写し", "needed": False}],
        "statements": ["ほかの自治体から同じ給付を受けていません"],
    },
    "apply_from": "2026-11-30T15:00:00Z",
    "apply_until": "2026-12-25T15:00:00Z",
    "allocate_by": "2027-01-31",
    "grant_timing": "決めた日から1〜4日",
    "budget_yen": 30_000_000,
    "quota": None,
    "on_exhaustion": "close",
    "services": [
        {
            "payment_service_id": "0197a000-0000-7000-8000-000000000002",
            "code": "nagisa-money",
            "name": "なぎさマネー",
            "provider_id": "0197a000-0000-7000-8000-000000000003",
            "provider_name": "なぎさ電子決済株式会社",
            "match_id": "0197a000-0000-7000-8000-000000000004",
            "apply_until": "2026-12-24T15:00:00Z",
            "note": "店頭の端末で受け取りの操作が必要です",
        }
    ],
    "occasions": [],
    "change_allowed": "until_sent",
    "withdrawal_allowed": True,
    "texts": {
        "ja": {
            "title": "子育て応援ポイント",
            "summary": "18歳以下のお子さまひとりにつき、3,000円分。",
            "body": "",
        },
        "easy": {
            "title": "こそだて ポイント",
            "summary": "こどもが いる ひとに ポイントを わたします。",
            "body": "",
        },
        "en": None,
    },
    "desks": [
        {"name": "小松市 こども家庭課", "telephone": "0761-24-0000", "hours": "平日 8:30〜17:15"}
    ],
    "papers": [],
}


def measure(**changed: Any) -> dict[str, Any]:
    """A draft of a measure as its municipality sees it, with some of it changed."""
    found: dict[str, Any] = {
        "measure_id": MEASURE_ID,
        "municipality_id": ENTRY["municipality_id"],
        "title": "子育て応援ポイント",
        "state": "draft",
        "state_since": "2026-11-20T00:00:00Z",
        "edition": None,
        "version": 4,
        "published_version": 0,
        "apply_from": None,
        "apply_until": None,
        "budget_yen": None,
        "handed_in_at": None,
        "form": MeasureForm().model_dump(),
        "problems": [
            {"field": "amount.budget_yen", "code": "missing", "detail": "予算を入れてください。"}
        ],
        "preview": None,
        "proposed": None,
        "entry": None,
        "changes": [],
        "checks": [],
        "choices": [],
        "remark": None,
        "reason": None,
        "message": "",
        "due_at": None,
        "opened_at": None,
        "ended_at": None,
        "is_drafter": False,
        "may": ["save", "submit", "cancel"],
        "versions": [],
        "history": [],
    }
    return found | changed


def handed_in(**changed: Any) -> dict[str, Any]:
    """A measure that waits for its approver."""
    check = {"code": "cover", "verdict": "wrong", "title": "契約", "detail": "契約がありません"}
    waiting: dict[str, Any] = {
        "state": "internal_review",
        "proposed": ENTRY,
        "handed_in_at": "2026-11-21T00:00:00Z",
        "problems": [],
        "checks": [check],
        "may": ["approve", "return", "cancel"],
    }
    return measure(**(waiting | changed))
