"""What a provider is sent: the same order in the same bytes, each time it is asked."""

import json
from dataclasses import asdict
from datetime import date

from services.benefits.model.answer import ProviderAnswer
from services.benefits.model.holder import reading
from services.benefits.model.order import Order


def grant_request(order: Order, account: str) -> bytes:
    """The request to grant to an account."""
    return _bytes(
        {
            "order_id": str(order.id),
            "allocation_id": str(order.allocation_id),
            "payment_service_code": order.payment_service_code,
            "service_account_id": account,
            "resident_ref": order.resident_ref,
            "measure_id": str(order.measure_id),
            "municipality_id": str(order.municipality_id),
            "amount": order.amount,
            "ordered_at": order.created_at.isoformat(),
        }
    )


def check_request(order: Order, account: str, name: str = "") -> bytes:
    """The question whether an account can receive, and is kept under the reading of a name where one is known."""
    asked: dict[str, object] = {
        "order_id": str(order.id),
        "payment_service_code": order.payment_service_code,
        "service_account_id": account,
        "resident_ref": order.resident_ref,
    }
    return _bytes(asked | {"holder_kana": reading(name)} if name else asked)


def reversal_request(order: Order) -> bytes:
    """The request to take back what was granted."""
    return _bytes(
        {
            "order_id": str(order.id),
            "resident_ref": order.resident_ref,
            "amount": order.amount,
            "transaction_id": order.transaction_id,
        }
    )


def inquiry_request(order: Order) -> bytes:
    """What an inquiry names; it has no body on the wire."""
    return str(order.id).encode()


def answer_bytes(answer: ProviderAnswer) -> bytes:
    """An answer as it is kept when it came by a call."""
    return _bytes({name: _plain(value) for name, value in asdict(answer).items()})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _bytes(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
