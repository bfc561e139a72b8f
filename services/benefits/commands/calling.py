"""A call to a provider, written down before it is made."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.benefits.model.order import Order, Way
from services.benefits.model.order_request import (
    check_request,
    grant_request,
    inquiry_request,
    reversal_request,
)
from services.benefits.store.attempts import Attempt
from services.benefits.store.due_orders import Due
from services.benefits.store.lines import KnownLine

UNDER_WAY, _FED = "under_way", "fed"
#: What is opened with our own key: the sealed account of an allocation.
Unseal = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Clerk:
    """A copy of the job, at an instant."""

    id: UUID
    at: datetime
    unseal: Unseal
    #: Who answers for providers that never said how they are reached.
    stand_in: KnownLine | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was written down and may now be made."""

    order: Order
    line: KnownLine
    act: str
    number: int
    request: bytes


def call_of(due: Due, act: str, names: Mapping[UUID, str], clerk: Clerk) -> tuple[Call, Attempt]:
    """A call, and what is kept of it before it is made."""
    order, line, name = due.order, due.line, names.get(due.link.resident_id, "")
    request, kept = _request(order, act, due.account, name, clerk.unseal)
    attempt = Attempt(
        order_id=order.id,
        number=order.attempts,
        act=act,
        request=kept,
        request_hash=hashlib.sha256(request).digest(),
        begun_at=clerk.at,
        outcome=UNDER_WAY if line.way is Way.PUSH else _FED,
    )
    return Call(order, line, act, order.attempts, request), attempt


def _request(order: Order, act: str, sealed: str, name: str, unseal: Unseal) -> tuple[bytes, bytes]:
    """The bytes that are sent, and the bytes that are kept: there the account is sealed, and no name stands."""
    if act == "grant":
        return grant_request(order, unseal(sealed)), grant_request(order, sealed)
    if act == "check":
        return check_request(order, unseal(sealed), name), check_request(order, sealed)
    same = reversal_request(order) if act == "reversal" else inquiry_request(order)
    return same, same
