"""The simulator's books: what it was asked, what it granted, and what it says of it."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.benefits.model.holder import Holder, same_reading
from services.benefits.provider_simulator.faults import Fault, FaultKind, Faults

#: Somebody else, as far as a wrong answer is concerned.
STRANGER = "R-somebody-else"


#: Accounts that end so are refused when they are asked about.
_UNFIT = {
    "0404": "not_found",
    "0403": "not_eligible",
    "0410": "closed",
    "0409": "already_linked",
    "0422": "code_mismatch",
}
#: … and one that ends so is kept under the name of somebody else.
_ANOTHERS, _ANOTHER = "0406", "ﾍﾞﾂﾉ ﾅﾏｴ"


class Checking(BaseModel):
    """What a question about an account says, as far as the simulator needs it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    order_id: UUID
    service_account_id: str
    holder_kana: str = ""


class Asked(BaseModel):
    """What a grant request says, as far as the simulator needs it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    order_id: UUID
    service_account_id: str
    resident_ref: str
    amount: int


@dataclass(slots=True)
class Entry:
    """An order in the books."""

    asked: Asked
    granted_on: date | None = None
    transaction_id: str = ""
    reversed: bool = False
    refused: bool = False
    times_asked: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    """An answer on its way: as a reply, or by itself later."""

    order_id: UUID
    answer_id: str
    result: str
    amount: int | None = None
    resident_ref: str | None = None
    transaction_id: str | None = None
    granted_on: date | None = None
    code: str | None = None


@dataclass(slots=True)
class Books:
    """What one provider did; an order is granted once, however often it is asked."""

    faults: Faults = field(default_factory=Faults)
    entries: dict[UUID, Entry] = field(default_factory=dict)
    #: What is still to be said without being asked.
    errands: list[Say] = field(default_factory=list)
    #: The names accounts are kept under, as their owners wrote them; of others none is known.
    holders: dict[str, str] = field(default_factory=dict)
    #: How many answers were numbered.
    answers: int = 0

    def grant(self, asked: Asked, on: date) -> Say | None:
        """Asked to grant; None: the reply is lost on its way."""
        known = self.entries.get(asked.order_id)
        if known is not None:
            known.times_asked += 1
            return self._stand(known)
        fault = self.faults.next_fault()
        if fault is not None and fault.kind is FaultKind.LOSE and fault.before:
            return None
        entry = self.entries[asked.order_id] = Entry(asked, times_asked=1)
        return self._wrongly(entry, fault, on) if fault else self._granted(entry, on)

    def check(self, account: str) -> str:
        """Asked whether an account can receive; some numbers never can, so that a demo can show it."""
        return _UNFIT.get(account[-4:], "ok")

    def holder(self, account: str, name: str) -> Holder:
        """Whether an account is kept under a name."""
        kept = self.holders.get(account, _ANOTHER if account.endswith(_ANOTHERS) else "")
        if not kept or not name:
            return Holder.CANNOT_SAY
        return Holder.MATCH if same_reading(kept, name) else Holder.NO_MATCH

    def inquire(self, order_id: UUID, on: date) -> Say:
        """Asked what became of an order; one that was put off is granted by now."""
        entry = self.entries.get(order_id)
        if entry is None:
            return Say(order_id, self._key(), "not_found")
        if entry.granted_on is None and not entry.refused:
            return self._granted(entry, on)
        return self._stand(entry)

    def take_back(self, order_id: UUID) -> Say:
        """Asked to take an order back."""
        entry = self.entries.get(order_id)
        if entry is None or entry.granted_on is None:
            return Say(order_id, self._key(), "reversal_refused", code="NOT_GRANTED")
        entry.reversed = True
        return Say(order_id, self._key(), "reversed", resident_ref=entry.asked.resident_ref)

    def granted(self) -> list[Entry]:
        """Everything that was granted and stands: the provider's statement."""
        return [e for e in self.entries.values() if e.granted_on is not None]

    def _granted(self, entry: Entry, on: date, *, amount: int | None = None) -> Say:
        if entry.granted_on is None:
            entry.granted_on, entry.transaction_id = on, f"T{entry.asked.order_id.hex[:20]}"
        return self._of_grant(entry, amount=amount)

    def _of_grant(
        self, entry: Entry, *, amount: int | None = None, person: str | None = None
    ) -> Say:
        return Say(
            entry.asked.order_id,
            self._key(),
            "granted",
            amount=entry.asked.amount if amount is None else amount,
            resident_ref=person or entry.asked.resident_ref,
            transaction_id=entry.transaction_id,
            granted_on=entry.granted_on,
        )

    def _refused(self, entry: Entry) -> Say:
        return Say(
            entry.asked.order_id,
            self._key(),
            "rejected",
            resident_ref=entry.asked.resident_ref,
            code="ACCOUNT_NOT_FOUND",
        )

    def _stand(self, entry: Entry) -> Say:
        if entry.reversed:
            return Say(entry.asked.order_id, self._key(), "reversed")
        if entry.refused:
            return self._refused(entry)
        if entry.granted_on is None:
            return Say(entry.asked.order_id, self._key(), "accepted")
        return self._of_grant(entry)

    def _wrongly(self, entry: Entry, fault: Fault, on: date) -> Say | None:
        if fault.kind is FaultKind.REFUSE:
            entry.refused = True
            return self._refused(entry)
        if fault.kind is FaultKind.DELAY:
            return Say(entry.asked.order_id, self._key(), "accepted")
        if fault.kind is FaultKind.LATE:
            # First no, then yes after all.
            first = self._refused(entry)
            self.errands.append(self._granted(entry, on))
            return first
        said = self._granted(entry, on)
        if fault.kind is FaultKind.LOSE:
            return None
        if fault.kind is FaultKind.DUPLICATE:
            self.errands += [said, said, self._of_grant(entry)]
        elif fault.kind is FaultKind.CONTRADICT:
            self.errands.append(self._refused(entry))
        elif fault.kind is FaultKind.ROUND:
            return self._of_grant(entry, amount=entry.asked.amount - 1)
        else:
            return self._of_grant(entry, person=STRANGER)
        return said

    def _key(self) -> str:
        self.answers += 1
        return f"S{self.answers:08d}"
