"""What may be moved in the ledger of points, and how an entry is known again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID, uuid5

#: Ids of transfers are made of their business keys under this name.
_NAMESPACE = UUID("5d1f2c7e-5b5e-5e0b-9d5c-2f2f5b8f7a10")
#: Into how many lanes the accounts of one measure are spread.
LANES = 16


class AccountKind(StrEnum):
    """What the yen of an account are."""

    #: The budget a municipality approved; the only one that grows by credits.
    FUNDING = "funding"
    #: Funded and promised to nobody.
    AVAILABLE = "available"
    #: Promised to accepted applications.
    RESERVED = "reserved"
    #: Granted by a provider, to be settled.
    PAYABLE = "payable"
    #: Paid to a provider.
    SETTLED = "settled"
    #: In dispute.
    SUSPENSE = "suspense"


class Kind(StrEnum):
    """What a transfer does to balances."""

    SINGLE = "single"
    PENDING = "pending"
    POST = "post"
    VOID = "void"
    REVERSAL = "reversal"
    CORRECTION = "correction"


class Code(IntEnum):
    """Why something was moved."""

    #: A budget became available.
    FUND = 1
    #: Yen change the lane because an application needs them there.
    SWEEP = 2
    #: An application was submitted.
    APPLY = 10
    #: An entitlement lapsed or was revoked; its yen are available again.
    LAPSE = 11
    #: A provider was asked to grant.
    ORDER = 20
    #: What was granted was taken back.
    TAKE_BACK = 21
    #: A provider was paid.
    SETTLE = 30
    #: An answer contradicts what is written.
    DISPUTE = 40
    #: A dispute was decided.
    DECIDE = 41


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is to be moved from the credited to the debited account."""

    #: The business key: the same key is the same transfer, for ever.
    key: str
    ledger: int
    debit: int
    credit: int
    amount: int
    code: Code
    #: What it is about: an application, an entitlement, an order, a statement line.
    business_ref: UUID
    #: ``member/<id>``, ``resident/<id>``, ``service/benefits`` …
    actor: str
    approved_by: str | None = None
    kind: Kind = Kind.SINGLE
    pending_id: UUID | None = None
    reverses: UUID | None = None

    @property
    def id(self) -> UUID:
        """The id the key stands for."""
        return transfer_id(self.key)

    @property
    def request_hash(self) -> bytes:
        """What tells another content under the same key."""
        content = [
            self.ledger,
            self.kind,
            str(self.pending_id),
            str(self.reverses),
            self.debit,
            self.credit,
            self.amount,
            self.code,
            str(self.business_ref),
        ]
        return hashlib.sha256(json.dumps(content).encode()).digest()


def transfer_id(key: str) -> UUID:
    """The id of the transfer with this business key."""
    return uuid5(_NAMESPACE, key)


@dataclass(frozen=True, slots=True)
class Balance:
    """The four sums of an account."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as it was entered."""

    id: UUID
    kind: Kind
    debit: int
    credit: int
    amount: int
    pending_id: UUID | None


def folded(entries: Iterable[Entry]) -> dict[int, Balance]:
    """The balances that these entries, in their order, come to."""
    sums: dict[int, list[int]] = {}
    promised: dict[UUID, int] = {}
    for entry in entries:
        pending, posted = _effect(entry, promised)
        debited = sums.setdefault(entry.debit, [0, 0, 0, 0])
        credited = sums.setdefault(entry.credit, [0, 0, 0, 0])
        debited[0] += pending
        debited[1] += posted
        credited[2] += pending
        credited[3] += posted
    return {account: Balance(*each) for account, each in sums.items()}


def _effect(entry: Entry, promised: dict[UUID, int]) -> tuple[int, int]:
    if entry.kind is Kind.PENDING:
        promised[entry.id] = entry.amount
        return entry.amount, 0
    if entry.kind in (Kind.POST, Kind.VOID):
        assert entry.pending_id is not None
        return -promised.pop(entry.pending_id), entry.amount if entry.kind is Kind.POST else 0
    return 0, entry.amount


def shared(total: int, unit: int, lanes: int = LANES) -> list[int]:
    """``total`` spread over ``lanes``, in whole units as far as possible; the rest lies in the first lane."""
    units, rest = divmod(total, unit)
    each, more = divmod(units, lanes)
    parts = [(each + (1 if lane < more else 0)) * unit for lane in range(lanes)]
    parts[0] += rest
    return parts
