"""The record of a grant in words: where the yen went, and everything that happened, in its order."""

from typing import Any

from gateway.portal.residents.words import EVENTS

#: Where an order stands: the sign and the word, and what follows.
STATES = {
    "reserved": (
        "go",
        "付与手続中",
        "まもなく決済事業者へ送ります。それまで受け取り先を変えられます。",
    ),
    "queued": (
        "go",
        "付与手続中",
        "まもなく決済事業者へ送ります。それまで受け取り先を変えられます。",
    ),
    "sent": ("go", "付与手続中", "決済事業者に送りました。返事を待っています。"),
    "accepted": ("go", "付与手続中", "決済事業者が受け付けました。まもなく届きます。"),
    "granted": ("ok", "付与済", "届きました。"),
    "rejected": (
        "act",
        "要対応",
        "届けられませんでした。ポイントはなくなっていません。別の受け取り先をえらんでください。",
    ),
    "unknown": ("run", "確認中", "事業者の返事を待っています。二重に送らず、問い合わせています。"),
    "cancel_requested": ("run", "確認中", "取り消しを事業者に伝えています。"),
    "cancelled": ("off", "取消", "取り消しました。"),
    "too_late": ("act", "確認中", "期限を過ぎて届いた返事を確かめています。"),
    "reversal_sent": ("run", "確認中", "付与の取り消しを進めています。"),
    "reversed": ("no", "取消", "付与は取り消されました。"),
    "reversal_failed": ("act", "確認中", "付与の取り消しができず、担当者が確かめています。"),
    "written_off": ("off", "取消", "この付与は終わりました。"),
}
_RESULTS = {
    "granted": "ポイントが付きました",
    "accepted": "事業者が受け付けました",
    "rejected": "事業者が断りました",
    "unknown": "事業者は「わからない」と答えました",
}
_CALLS = {
    "check": "受け取り先の番号を決済事業者に確かめました",
    "grant": "決済事業者に送りました",
    "reversal": "決済事業者に取り消しを依頼しました",
}
_MONEY = {
    10: "{}円分を取り置きました",
    20: "{}円分の付与を指図しました",
    11: "{}円分が予算に戻りました",
}

Event = dict[str, Any]


def events_of(chain: dict[str, Any], services: dict[str, str]) -> list[Event]:
    """Everything that happened, the earliest first."""
    found = [
        *map(_decided, chain["decisions"]),
        *(_chose(one, services) for one in chain["allocations"]),
        *filter(None, map(_moved, chain["entries"])),
        *(event for order in chain["orders"] for event in _ordered(order)),
        *map(_doubted, chain["cases"]),
    ]
    # Within one second things stand in the order of their reasons, not of the clocks that saw them.
    return sorted(found, key=lambda event: (str(event["at"])[:19], event.get("rank", 1)))


def standing_of(chain: dict[str, Any]) -> tuple[str, str, str]:
    """How the grant stands; one that went nowhere because of the account waits for another choice."""
    unfit = any(o["id"] == chain["order_id"] and o.get("rejection") for o in chain["orders"])
    state = "rejected" if unfit and chain["state"] == "cancelled" else chain["state"]
    return STATES[state]


def _decided(step: dict[str, Any]) -> Event:
    family, title = EVENTS.get(step["act"], ("off", step["act"]))
    two = "起案と承認は別の職員が行いました。" if step.get("approved_by") else ""
    count = len(step["findings"])
    text = f"{count}つの決まりに照らしました。{two}" if count else two
    rank = {"submit": 0, "complete": 5}.get(step["act"], 2)
    return {"at": step["at"], "rank": rank, "family": family, "title": title, "text": text}


def _chose(choice: dict[str, Any], services: dict[str, str]) -> Event:
    name = services.get(choice["payment_service_code"], choice["payment_service_code"])
    how = "カードで本人を確かめました。" if choice["assertion_hash"] else ""
    where = "支援窓口で手続きしました。" if choice["desk_id"] else ""
    evidence = [("読み取りのしるし", choice["assertion_hash"])] if choice["assertion_hash"] else []
    return {
        "at": choice["created_at"],
        "rank": 0,
        "family": "key",
        "title": "受け取り先を決めました",
        "text": f"{name}（下4けた {choice['account_end']}）。{how}{where}",
        "evidence": evidence,
    }


def _moved(entry: dict[str, Any]) -> Event | None:
    words = _MONEY.get(entry["code"]) if entry["kind"] in ("pending", "single") else None
    if words is None:
        return None
    return {
        "at": entry["created_at"],
        "family": "ok",
        "title": words.format(f"{entry['amount']:,}"),
        "text": "",
        "evidence": [("帳簿の記録", entry["row_hash"])],
    }


def _ordered(order: dict[str, Any]) -> list[Event]:
    sent = [
        {
            "at": call["begun_at"],
            "family": "off" if call["outcome"] else "act",
            "title": _CALLS.get(call["act"], "事業者に問い合わせました"),
            "text": "",
            "evidence": [("送った内容のしるし", call["request_hash"])],
        }
        for call in order["attempts"]
    ]
    said = [
        {
            "at": answer["received_at"],
            "rank": 4,
            "family": "ok" if answer["result"] == "granted" else "act",
            "title": _RESULTS.get(answer["result"], "事業者から返事がありました"),
            "text": f"取引番号 {answer['transaction_id']}" if answer["transaction_id"] else "",
            "evidence": [("返事のしるし", answer["body_hash"])],
        }
        for answer in order["answers"]
    ]
    return [*sent, *said]


def _doubted(case: dict[str, Any]) -> Event:
    return {
        "at": case.get("opened_at") or case.get("created_at") or "",
        "family": "act",
        "title": "食い違いを見つけ、担当者が確かめています",
        "text": "",
    }


def money_of(chain: dict[str, Any], service: str, municipality: str) -> list[dict[str, Any]]:
    """The boxes of the money row: where the amount was, step by step."""
    amount, state = chain["amount"], chain["state"]
    boxes = [
        {"label": f"{municipality}の予算", "word": "取り置き", "amount": -amount},
        {"label": "あなたの申込み", "word": "受付", "amount": amount},
        {"label": "受け取る権利", "word": "承認", "amount": amount},
    ]
    if chain["allocations"]:
        boxes.append({"label": "付与の指図", "word": STATES[state][1], "amount": amount})
    if state == "granted":
        boxes.append({"label": service, "word": "付与", "amount": amount, "last": True})
    return boxes


def balanced(chain: dict[str, Any]) -> int:
    """What the ledger's own entries about this come to beside the amount that arrived; 0 is right."""
    granted = sum(
        entry["amount"]
        for entry in chain["entries"]
        if entry["code"] == 20 and entry["kind"] in ("post", "single")
    )
    return int(granted) - int(chain["amount"])
