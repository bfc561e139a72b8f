"""How much one visitor may ask for: GCRA, counted in each worker process by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.edge.problems import too_many

_SWEEP_AT = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """A steady rate and how far one may run ahead of it."""

    per_second: float
    burst: int


#: By class of route and, in each, by address and (where somebody is signed in) by session or client.
#: Whole prefectures sit behind one address of LGWAN, so an address may do a good deal.
ALLOWANCES: Mapping[str, Allowance] = {
    "read": Allowance(100, 500),
    "write": Allowance(10, 100),
    "sign-in": Allowance(2, 60),
    # A card is read three times for one application, and desks of a whole town may share an address.
    "card": Allowance(5, 120),
    "upload": Allowance(1, 30),
    "download": Allowance(2, 40),
    "page": Allowance(50, 300),
    "asset": Allowance(200, 1000),
}


class Meter:
    """Who asked how often; forgets those who have been quiet long enough."""

    __slots__ = ("_due", "_rules", "refused")

    def __init__(
        self, factor: float = 1.0, allowances: Mapping[str, Allowance] = ALLOWANCES
    ) -> None:
        #: Per class: seconds one request costs, and seconds one may be ahead.
        self._rules = {
            name: (1 / (a.per_second * factor), a.burst * factor / (a.per_second * factor))
            for name, a in allowances.items()
        }
        #: The time at which each has paid for everything asked so far.
        self._due: dict[tuple[str, str], float] = {}
        self.refused = 0

    def take(self, rate: str, who: str, at: float) -> None:
        """Count one request of class ``rate`` by ``who``; refused if that is too many."""
        cost, ahead = self._rules[rate]
        key = (rate, who)
        due = self._due.get(key, 0.0)
        due = (due if due > at else at) + cost
        if due - at > ahead:
            self.refused += 1
            raise too_many(due - at - ahead)
        if len(self._due) >= _SWEEP_AT and key not in self._due:
            self._sweep(at)
        self._due[key] = due

    def _sweep(self, at: float) -> None:
        """Forget who owes nothing; if everybody owes, start over rather than grow."""
        self._due = {key: due for key, due in self._due.items() if due > at}
        if len(self._due) >= _SWEEP_AT:
            self._due.clear()
