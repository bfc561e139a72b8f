"""What the services say to a resident who walks through both operations, for pages that are tested without them."""

from typing import Any

from gateway.portal.asking import Reply
from tests.gateway.portal.entries import ENTRY, MEASURE_ID
from tests.gateway.portal.test_own_measures import Registry

ID = "01900000-0000-7000-8000-000000000001"
CHILD = "01900000-0000-7000-8000-000000000002"
AT = "2026-11-27T00:00:00Z"
TOKEN = "Ab-_" * 11
#: Names of persons, places, services and schemes, and words of others: they are shown as they are.
NAMES = (
    "日本語",
    "やさしい日本語",
    "English",
    "小松 花子（見本）",
    "小松 花子",
    "小松 はる",
    "小松市 こども家庭課",
    "平日 8:30〜17:15",
    "石川県 小松市",
    "子育て応援ポイント",
    "こそだて ポイント",
    "なぎさマネー",
    "なぎさ電子決済株式会社。店頭の端末で受け取りの操作が必要です",
    "母子健康手帳の写し",
    "ほかの自治体から同じ給付を受けていません",
    "18歳以下のお子さまひとりにつき、3,000円分。",
    "決めた日から1〜4日",
    "写しが切れています。もう一度撮ってください。",
    "申込みの審査に使うため",
    "小松市 森田 進",
    "【マチポ】受け取り先を決めてください",
    "審査が終わりました。いまは何もしなくて大丈夫です。",
)
_FAMILY = {
    "resident_id": ID,
    "name": "小松 花子",
    "items": [
        {"child_id": CHILD, "name": "小松 はる", "birth_on": "2018-05-01", "until_on": "2036-04-30"}
        | {"state": state}
        for state in ("confirmed", "requested", "refused", "over")
    ],
}
_LETTER = {
    "letter_id": ID,
    "subject": "【マチポ】受け取り先を決めてください",
    "written_at": AT,
    "read_at": None,
    "language": "ja",
    "text": "審査が終わりました。いまは何もしなくて大丈夫です。",
}
_SETTINGS = {
    "language": "easy",
    "by_mail": ["points"],
    "address": "hanako@home.example",
    "asked_address": "new@home.example",
    "asked_until": AT,
    "bounced_at": AT,
    "asked_bounced": False,
    "quiet_from": "22:00",
    "quiet_until": "07:00",
}
_SESSIONS = [
    {
        "session_id": ID,
        "created_at": AT,
        "last_seen_at": AT,
        "at_desk": at_desk,
        "current": not at_desk,
    }
    for at_desk in (False, True)
]
_STATES = {
    "審査中": "in_review",
    "要対応": "returned",
    "受付済": "waiting",
    "付与済": "completed",
    "不承認": "rejected",
    "期限切れ": "expired",
    "取消": "withdrawn",
}
_SERVICE = {"code": "nagisa-money", "name": "なぎさマネー"}
_SAVED = {"id": ID, **_SERVICE, "account_end": "7777", "account_digest": "d", "saved_at": AT}


def application(word: str = "審査中", act: str = "", **changed: Any) -> dict[str, Any]:
    """An application as benefits says it."""
    by = "2027-01-31T15:00:00Z"
    found = {
        "id": ID,
        "measure_id": MEASURE_ID,
        "person_id": ID,
        "title": "子育て応援ポイント",
        "municipality_name": "小松市",
        "amount_yen": 3000,
        "reference": "K-7F3M-20B9",
        "submitted_at": AT,
        "state_since": AT,
        "entitlement_id": None,
        "reason": None,
        "message": "",
        "withdrawal_allowed": True,
        "state": _STATES.get(word, "approved"),
        "status": {"word": word, "next": {"act": act, "by": by} if act else None},
    }
    return found | changed


def applications() -> list[dict[str, Any]]:
    """One of each kind there is."""
    return [
        application("承認", "allocate", entitlement_id=ID),
        application("審査中", "wait"),
        application("要対応", "answer", message="写しが切れています。もう一度撮ってください。"),
        application("要対応", "attend"),
        application("受付済"),
        application("付与手続中", entitlement_id=ID),
        application("付与済", entitlement_id=ID),
        application("不承認", reason="duplicate"),
        application("期限切れ", entitlement_id=ID),
        application("取消"),
    ]


def grant() -> dict[str, Any]:
    """The record of a grant, with everything that can have happened."""
    order = {
        "id": ID,
        "advice": "この番号は、ほかの方の受け取り先になっています。"
        "ご自身の番号か確かめるか、別の決済サービスを選んでください。",
        "attempts": [
            {"begun_at": AT, "outcome": None, "act": act, "request_hash": "ab"}
            for act in ("check", "grant", "reversal", "inquiry")
        ],
        "answers": [
            {"received_at": AT, "result": result, "transaction_id": "T-1", "body_hash": "cd"}
            for result in ("granted", "accepted", "rejected", "unknown", "odd")
        ],
    }
    entries = [
        {"code": code, "kind": "single", "amount": 3000, "created_at": AT, "row_hash": "ef"}
        for code in (10, 20, 11)
    ]
    return {
        "state": "granted",
        "amount": 3000,
        "order_id": ID,
        "entitlement_id": ID,
        "rule": {"measure_id": MEASURE_ID, "title": "子育て応援ポイント", "version": 1},
        "decisions": [
            {"act": act, "at": AT, "findings": [1, 2], "approved_by": ID}
            for act in ("submit", "approve", "complete")
        ],
        "allocations": [
            {
                "payment_service_code": "nagisa-money",
                "assertion_hash": "0f",
                "desk_id": ID,
                "created_at": AT,
                "account_end": "7777",
            }
        ],
        "entries": entries,
        "orders": [order],
        "cases": [{"opened_at": AT}],
        "reads": [{"at": AT, "why": ""}, {"at": AT, "why": "申込みの審査に使うため"}],
    }


def settle(services: Registry) -> None:
    """Everything the services are asked on the way."""
    entry = ENTRY | {"unit": "person"}
    measure = {"measure_id": MEASURE_ID, "state": "open", "entry": entry, "versions": 1}
    own = "/api/v1/benefits/own-"
    paper = {"code": "birth", "label": "母子健康手帳の写し", "needed": False}
    events = [{"act": act, "at": AT, "message": ""} for act in ("submit", "return", "answer")]
    kept = {"items": [_SAVED | {"offered": True}, _SAVED | {"offered": False}]}
    entitlement: dict[str, Any] = {
        "id": ID,
        "measure_id": MEASURE_ID,
        "title": "子育て応援ポイント",
    }
    entitlement |= {"amount_yen": 3000, "allocate_by": "2027-01-31", "person_id": ID}
    link = {"id": ID, "name": "なぎさマネー", "account_end": "7777"}
    read = {"at": AT, "by": "小松市 森田 進", "why": "申込みの審査に使うため", "application_id": ID}
    answers: dict[str, Any] = {
        f"/api/v1/registry/measures/{MEASURE_ID}": measure | {"why": "", "used_up": False},
        "/api/v1/registry/payment-services": {"items": [_SERVICE], "next": None},
        "/api/v1/registry/municipalities": {
            "items": [{"code": "172031", "prefecture": "石川県", "name": "小松市"}],
            "next": None,
        },
        "/api/v1/identity/own-family": _FAMILY,
        "/api/v1/identity/card/simulated": {
            "items": [{"card_id": ID, "name": "小松 花子", "note": "見本"}]
        },
        "/api/v1/notifications/letters": {"items": [_LETTER], "next": "c2", "unread": 1},
        f"/api/v1/notifications/letters/{ID}": _LETTER,
        "/api/v1/notifications/own-settings": _SETTINGS,
        "/api/v1/identity/own-sessions": {"items": _SESSIONS},
        f"/api/v1/notifications/own-settings/address/{TOKEN}": {
            "address": "new@home.example",
            "proved": False,
        },
        own + "applications": {"items": applications(), "next": None},
        own + f"applications/{ID}": {
            "application": applications()[2],
            "events": events,
            "papers": [paper],
        },
        own + f"applications/{ID}/evidence": {
            "items": [{"id": ID, "code": "birth", "name": "a.pdf", "size": 1, "state": "checked"}]
        },
        own + f"entitlements/{ID}": entitlement,
        own + "services": kept,
        own + f"grants/{ID}": grant(),
        own + "reads": {"items": [read | {"reference": "K-7F3M-20B9"}], "next": "c2"},
        own + "links": {
            "items": [
                link | {"stopped_at": None, "case_id": None},
                link | {"stopped_at": AT, "case_id": ID},
            ]
        },
    }
    for path, body in answers.items():
        services.say("GET", path, body)
    services.answers["GET", own + f"entitlements/{ID}/allocation"] = Reply(404)
    _read_cards(services)
    services.say("POST", own + "applications", {"application": application()}, 201)
    services.say("POST", own + f"entitlements/{ID}/allocation", {"order_id": ID}, 201)
    services.say("POST", own + "services", {"id": ID}, 201)


def _read_cards(services: Registry) -> None:
    """A card that answers."""
    card = "/api/v1/identity/card/"
    services.say("POST", card + "challenges", {"challenge_id": ID}, 201)
    shown = {"certificate": "c", "signature": "s"}
    services.say("POST", card + "simulated/readings", shown)
    services.say("POST", card + "assertions", {"proof": "p"}, 201)
