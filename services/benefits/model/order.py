"""A grant order (付与の依頼): what a provider is asked to credit, and how far that went."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.benefits.model.saga import Cell, Input, Money, OrderState, Verdict, cell

#: When an order nobody answered is asked about: so long after the last look, then hourly.
INQUIRIES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
#: How long a claim of a clerk holds; longer than any call may take.
LEASE = timedelta(seconds=60)
#: So many answers "not found", the first of them after the provider's visibility delay, make it certain.
_CERTAIN = 2


class Way(StrEnum):
    """How orders reach a provider."""

    #: The provider reads its own feed and answers by API.
    FEED = "feed"
    #: We call the provider's endpoint, besides the feed.
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Order:
    """An order to one provider for one entitlement; its id is the provider's idempotency key for ever."""

    id: UUID
    allocation_id: UUID
    entitlement_id: UUID
    person_id: UUID
    measure_id: UUID
    municipality_id: UUID
    provider_id: UUID
    payment_service_code: str
    resident_ref: str
    amount: int
    state: OrderState
    version: int
    revision: int
    created_at: datetime
    state_since: datetime
    said_at: datetime | None = None
    #: The ledger's pending transfer.
    reservation_id: UUID | None = None
    attempts: int = 0
    #: An earlier try came to no certain end, so that later ones prove nothing about it.
    doubtful: bool = False
    inquiries: int = 0
    not_found: int = 0
    sent_at: datetime | None = None
    look_at: datetime | None = None
    granted_on: date | None = None
    transaction_id: str | None = None
    rejection: str | None = None

    def moment(self, now: datetime) -> datetime:
        """When the next fact occurs: now, and after the one before it."""
        return now if self.said_at is None else max(now, self.said_at + timedelta(microseconds=1))

    def heard(self, what: Input, now: datetime) -> "Step":
        """What an input makes of this order."""
        found = cell(self.state, what)
        if found.verdict is not Verdict.APPLY or found.becomes is None:
            return Step(self, self, found)
        since = self.state_since if found.becomes is self.state else now
        after = replace(
            self, state=found.becomes, state_since=since, version=self.version + 1, look_at=None
        )
        return Step(self, after, found)

    def said(self, now: datetime) -> "Order":
        """This order with one more fact to be said of it."""
        return replace(self, revision=self.revision + 1, said_at=now)


@dataclass(frozen=True, slots=True)
class Step:
    """An input applied to an order."""

    before: Order
    after: Order
    cell: Cell

    @property
    def applied(self) -> bool:
        """Whether the order moved."""
        return self.cell.verdict is Verdict.APPLY

    @property
    def money(self) -> Money:
        """What the ledger does."""
        return self.cell.money


def next_inquiry(inquiries: int, now: datetime) -> datetime:
    """When an order is asked about again after so many inquiries."""
    return now + INQUIRIES[min(inquiries, len(INQUIRIES) - 1)]


def not_found_again(order: Order, now: datetime, visibility: timedelta) -> tuple[Order, bool]:
    """An inquiry did not find the order; and whether it is certain by now that the provider never got it.

    Before the provider's visibility delay has passed such an answer says nothing.
    """
    if order.sent_at is None or now < order.sent_at + visibility:
        return order, False
    after = replace(order, not_found=order.not_found + 1)
    return after, after.not_found >= _CERTAIN


def after_call(order: Order, *, certainly_unsent: bool) -> Input:
    """What a call without an answer means: an order that may be there from an earlier try stays unknown."""
    if certainly_unsent and not order.doubtful:
        return Input.PROVABLY_NOT_SENT
    return Input.TRANSPORT_UNKNOWN
