"""What a provider says of an order: how it is read, and whether it can be true of this order."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.benefits.model.order import Order, after_call
from services.benefits.model.saga import PAID, Input, OrderState


class Result(StrEnum):
    """What a provider may say of an order."""

    ACCEPTED = "accepted"
    GRANTED = "granted"
    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    REVERSED = "reversed"
    REVERSAL_REFUSED = "reversal_refused"


class CaseKind(StrEnum):
    """Why a case was opened."""

    CONTRADICTION = "contradiction"
    LATE_GRANT = "late_grant"
    AMOUNT = "amount"
    WRONG_PERSON = "wrong_person"
    DOUBLE = "double"
    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    UNKNOWN_ORDER = "unknown_order"
    ODD_ANSWER = "odd_answer"
    LINK_STOP = "link_stop"
    MISLINK = "mislink"


#: Documented reasons for which a provider refuses for good: the resident chooses again.
FINAL_CODES = frozenset(
    {
        "ACCOUNT_NOT_FOUND",
        "SECURITY_CODE_MISMATCH",
        "ACCOUNT_CLOSED",
        "ACCOUNT_SUSPENDED",
        "ALREADY_LINKED",
        "NAME_MISMATCH",
        "BALANCE_LIMIT_EXCEEDED",
        "PERIOD_CLOSED",
        "AMOUNT_OUT_OF_RANGE",
        "UNSUPPORTED_GRANT_TYPE",
        "CONTRACT_NOT_ACTIVE",
    }
)
#: … and for which it did nothing now and would later.
PASSING_CODES = frozenset({"TEMPORARILY_UNAVAILABLE", "MAINTENANCE", "INTERNAL"})


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """One answer of a provider about an order."""

    #: The provider's own number of it: said again, it is the same answer.
    key: str
    result: Result
    amount: int | None = None
    resident_ref: str | None = None
    transaction_id: str | None = None
    granted_on: date | None = None
    code: str | None = None
    #: Whether we had asked.
    inquiry: bool = False


_MEANS = {
    Result.ACCEPTED: Input.ACCEPTED,
    Result.GRANTED: Input.GRANTED,
    Result.REVERSED: Input.REVERSAL_DONE,
    Result.REVERSAL_REFUSED: Input.REVERSAL_REFUSED,
    Result.NOT_FOUND: Input.INQUIRY_NOT_FOUND,
}
_CANCELLING = OrderState.CANCEL_REQUESTED


def input_of(order: Order, answer: ProviderAnswer) -> Input | None:
    """What the answer is to the order; None when it decides nothing."""
    if answer.result is Result.REJECTED:
        if answer.code in FINAL_CODES:
            return Input.INQUIRY_REJECTED if answer.inquiry else Input.REJECTED
        if answer.code in PASSING_CODES and (answer.inquiry or order.state is _CANCELLING):
            # Who cannot answer now may have the order all the same, and grant it later.
            return None
        return after_call(order, certainly_unsent=answer.code in PASSING_CODES)
    if answer.result is Result.GRANTED and answer.inquiry:
        return Input.INQUIRY_GRANTED
    if answer.result is Result.NOT_FOUND and not answer.inquiry:
        return None
    return _MEANS[answer.result]


def trouble(order: Order, answer: ProviderAnswer) -> CaseKind | None:
    """Why the answer cannot be true of this order, whatever state it is in."""
    if answer.resident_ref not in (None, order.resident_ref):
        return CaseKind.WRONG_PERSON
    if answer.result is Result.REVERSED and answer.amount not in (None, order.amount):
        return CaseKind.AMOUNT
    if answer.result is not Result.GRANTED:
        return None
    if answer.resident_ref is None or answer.transaction_id is None or answer.granted_on is None:
        return CaseKind.ODD_ANSWER
    if answer.amount != order.amount:
        return CaseKind.AMOUNT
    if order.state in PAID and order.transaction_id not in (None, answer.transaction_id):
        return CaseKind.DOUBLE
    return None
