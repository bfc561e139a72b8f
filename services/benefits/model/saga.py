"""A grant order (付与の依頼): what each input does in each state. The table is total, and nothing outside it happens.

A cell says one of three things: *apply* (the order moves, perhaps with money), *ignore* (heard before, or nothing
new; whoever asked gets the stored result) or *conflict* (it contradicts what is known: a case for a person or a
statement, and money that was granted all the same goes through suspense).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class OrderState(StrEnum):
    """Where a grant order stands."""

    RESERVED = "reserved"
    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    REVERSAL_SENT = "reversal_sent"
    REVERSED = "reversed"
    REVERSAL_FAILED = "reversal_failed"
    WRITTEN_OFF = "written_off"


class Input(StrEnum):
    """What may happen to a grant order."""

    ENQUEUE = "enqueue"
    SEND_STARTED = "send_started"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REJECTED = "rejected"
    TRANSPORT_UNKNOWN = "transport_unknown"
    PROVABLY_NOT_SENT = "provably_not_sent"
    INQUIRY_GRANTED = "inquiry_granted"
    INQUIRY_REJECTED = "inquiry_rejected"
    #: Said only once it is certain: twice, and after the time the provider needs to see an order.
    INQUIRY_NOT_FOUND = "inquiry_not_found"
    CANCEL = "cancel"
    REVERSAL_DONE = "reversal_done"
    REVERSAL_REFUSED = "reversal_refused"
    WRITE_OFF_APPROVED = "write_off_approved"


class Verdict(StrEnum):
    """What an input means to an order."""

    APPLY = "apply"
    IGNORE = "ignore"
    CONFLICT = "conflict"


class Money(StrEnum):
    """What the ledger does along with it."""

    NOTHING = "nothing"
    #: The reservation becomes what is owed to the provider.
    POST = "post"
    #: The reservation is let go.
    VOID = "void"
    #: What was owed is taken back.
    REVERSE = "reverse"
    #: Granted though the reservation is gone: suspense until somebody or a statement decides.
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table."""

    verdict: Verdict
    #: The state after *apply*; otherwise the order stays where it is.
    becomes: OrderState | None = None
    money: Money = Money.NOTHING


_S, _I, _M = OrderState, Input, Money
_IGNORE, _CONFLICT = Cell(Verdict.IGNORE), Cell(Verdict.CONFLICT)
_SUSPEND = Cell(Verdict.CONFLICT, None, Money.SUSPEND)


def _to(state: OrderState, money: Money = Money.NOTHING) -> Cell:
    return Cell(Verdict.APPLY, state, money)


def _row(
    applied: Mapping[Input, Cell],
    *,
    ignored: Iterable[Input],
    conflicts: Iterable[Input],
    suspended: Iterable[Input] = (),
) -> dict[Input, Cell]:
    """A row of the table, in which every input has exactly one cell."""
    cells = [
        *applied.items(),
        *((i, _IGNORE) for i in ignored),
        *((i, _CONFLICT) for i in conflicts),
        *((i, _SUSPEND) for i in suspended),
    ]
    row = dict(cells)
    if len(row) != len(cells) or set(row) != set(Input):
        raise ValueError(f"a row with a missing or doubled cell: {sorted(i for i, _ in cells)}")
    return row


_GRANTED, _REJECTED = (_I.GRANTED, _I.INQUIRY_GRANTED), (_I.REJECTED, _I.INQUIRY_REJECTED)
_CALLED = (_I.TRANSPORT_UNKNOWN, _I.PROVABLY_NOT_SENT)
_BACK = (_I.REVERSAL_DONE, _I.REVERSAL_REFUSED)
#: Of an order that ran: what a late clerk of ours may still try, and what comes after its end out of order.
_PAST = (_I.ENQUEUE, _I.SEND_STARTED, _I.ACCEPTED, *_CALLED)
#: Against an order the provider granted.
_DENIALS = (*_REJECTED, _I.INQUIRY_NOT_FOUND)

TABLE: dict[OrderState, dict[Input, Cell]] = {
    _S.RESERVED: _row(
        {_I.ENQUEUE: _to(_S.QUEUED), _I.CANCEL: _to(_S.CANCELLED, _M.VOID)},
        ignored=(_I.INQUIRY_NOT_FOUND,),
        conflicts=(
            *(_I.SEND_STARTED, _I.ACCEPTED, *_GRANTED, *_REJECTED, *_CALLED, *_BACK),
            _I.WRITE_OFF_APPROVED,
        ),
    ),
    _S.QUEUED: _row(
        {_I.SEND_STARTED: _to(_S.SENT), _I.CANCEL: _to(_S.CANCELLED, _M.VOID)},
        ignored=(_I.ENQUEUE, _I.PROVABLY_NOT_SENT, _I.INQUIRY_NOT_FOUND),
        conflicts=(
            *(_I.ACCEPTED, *_GRANTED, *_REJECTED, _I.TRANSPORT_UNKNOWN, *_BACK),
            _I.WRITE_OFF_APPROVED,
        ),
    ),
    _S.SENT: _row(
        {
            _I.ACCEPTED: _to(_S.ACCEPTED),
            _I.TRANSPORT_UNKNOWN: _to(_S.UNKNOWN),
            _I.PROVABLY_NOT_SENT: _to(_S.QUEUED),
            _I.CANCEL: _to(_S.CANCEL_REQUESTED),
            **dict.fromkeys(_GRANTED, _to(_S.GRANTED, _M.POST)),
            **dict.fromkeys(_REJECTED, _to(_S.REJECTED, _M.VOID)),
        },
        ignored=(_I.ENQUEUE, _I.SEND_STARTED, _I.INQUIRY_NOT_FOUND),
        conflicts=(*_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.ACCEPTED: _row(
        {
            _I.CANCEL: _to(_S.CANCEL_REQUESTED),
            **dict.fromkeys(_GRANTED, _to(_S.GRANTED, _M.POST)),
            **dict.fromkeys(_REJECTED, _to(_S.REJECTED, _M.VOID)),
        },
        ignored=_PAST,
        conflicts=(_I.INQUIRY_NOT_FOUND, *_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.GRANTED: _row(
        {_I.CANCEL: _to(_S.TOO_LATE)},
        ignored=(*_PAST, *_GRANTED),
        conflicts=(*_DENIALS, *_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.REJECTED: _row(
        {},
        ignored=(*_PAST, *_DENIALS, _I.CANCEL),
        conflicts=(*_BACK, _I.WRITE_OFF_APPROVED),
        suspended=_GRANTED,
    ),
    _S.UNKNOWN: _row(
        {
            # The same order under the same id once more, after it was certainly not found.
            _I.SEND_STARTED: _to(_S.SENT),
            _I.ACCEPTED: _to(_S.ACCEPTED),
            _I.INQUIRY_NOT_FOUND: _to(_S.UNKNOWN),
            _I.CANCEL: _to(_S.CANCEL_REQUESTED),
            **dict.fromkeys(_GRANTED, _to(_S.GRANTED, _M.POST)),
            **dict.fromkeys(_REJECTED, _to(_S.REJECTED, _M.VOID)),
        },
        ignored=(_I.ENQUEUE, *_CALLED),
        conflicts=(*_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.CANCEL_REQUESTED: _row(
        {
            **dict.fromkeys(_GRANTED, _to(_S.TOO_LATE, _M.POST)),
            **dict.fromkeys((*_DENIALS, _I.PROVABLY_NOT_SENT), _to(_S.CANCELLED, _M.VOID)),
        },
        ignored=(_I.ENQUEUE, _I.SEND_STARTED, _I.ACCEPTED, _I.TRANSPORT_UNKNOWN, _I.CANCEL),
        conflicts=(*_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.CANCELLED: _row(
        {},
        ignored=(*_PAST, *_DENIALS, _I.CANCEL),
        conflicts=(*_BACK, _I.WRITE_OFF_APPROVED),
        suspended=_GRANTED,
    ),
    _S.TOO_LATE: _row(
        {_I.SEND_STARTED: _to(_S.REVERSAL_SENT)},
        ignored=(_I.ENQUEUE, _I.ACCEPTED, *_CALLED, *_GRANTED, _I.CANCEL),
        conflicts=(*_DENIALS, *_BACK, _I.WRITE_OFF_APPROVED),
    ),
    _S.REVERSAL_SENT: _row(
        {
            # Asking again is safe: a provider takes an order back once.
            _I.SEND_STARTED: _to(_S.REVERSAL_SENT),
            _I.PROVABLY_NOT_SENT: _to(_S.TOO_LATE),
            _I.REVERSAL_DONE: _to(_S.REVERSED, _M.REVERSE),
            _I.REVERSAL_REFUSED: _to(_S.REVERSAL_FAILED),
        },
        ignored=(_I.ENQUEUE, _I.ACCEPTED, _I.TRANSPORT_UNKNOWN, *_GRANTED, _I.CANCEL),
        conflicts=(*_DENIALS, _I.WRITE_OFF_APPROVED),
    ),
    _S.REVERSED: _row(
        {},
        ignored=(*_PAST, *_GRANTED, _I.CANCEL, _I.REVERSAL_DONE),
        conflicts=(*_DENIALS, _I.REVERSAL_REFUSED, _I.WRITE_OFF_APPROVED),
    ),
    _S.REVERSAL_FAILED: _row(
        {_I.CANCEL: _to(_S.TOO_LATE), _I.WRITE_OFF_APPROVED: _to(_S.WRITTEN_OFF)},
        ignored=(*_PAST, *_GRANTED, _I.REVERSAL_REFUSED),
        conflicts=(*_DENIALS, _I.REVERSAL_DONE),
    ),
    _S.WRITTEN_OFF: _row(
        {},
        ignored=(*_PAST, *_GRANTED, _I.CANCEL, _I.REVERSAL_REFUSED, _I.WRITE_OFF_APPROVED),
        conflicts=(*_DENIALS, _I.REVERSAL_DONE),
    ),
}

#: States in which nothing more is expected of anybody.
FINAL = frozenset({_S.GRANTED, _S.REJECTED, _S.CANCELLED, _S.REVERSED, _S.WRITTEN_OFF})
#: States in which the points were granted and posted, whatever followed.
PAID = frozenset(
    {_S.GRANTED, _S.TOO_LATE, _S.REVERSAL_SENT, _S.REVERSED, _S.REVERSAL_FAILED, _S.WRITTEN_OFF}
)
#: States in which the reservation was let go.
RELEASED = frozenset({_S.REJECTED, _S.CANCELLED})


def cell(state: OrderState, heard: Input) -> Cell:
    """What ``heard`` does to an order in ``state``."""
    return TABLE[state][heard]
