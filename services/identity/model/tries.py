"""Wrong tries: doors that open more slowly to those who guess, and never close to their owner.

Three counters meet at a door: the account's, the network's, and that of the pair of both. From the
fifth failure on each asks for a pause that doubles. The pauses of account and network are *served*:
a pair that has waited once gets its turn, however many strangers knock meanwhile. Places from which
the member has signed in before have a counter of their own, which strangers cannot move.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.refusal import TooMany

#: Failures that cost nothing: everybody mistypes.
_FREE = 4
#: The longest pause others can bring upon an owner.
SHARED_CAP = timedelta(seconds=30)
#: The longest pause one network brings upon itself at one account.
PAIR_CAP = timedelta(minutes=15)
_SHARED_MEMORY = timedelta(hours=1)
_PAIR_MEMORY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures in a row at one door."""

    key: bytes
    failures: int
    failed_at: datetime
    #: When this door opens once for whoever was told to wait.
    turn_at: datetime | None = None

    def pause(self, cap: timedelta) -> timedelta:
        """How long the door stays shut after the last failure."""
        if self.failures <= _FREE:
            return timedelta()
        return min(timedelta(seconds=2 ** min(self.failures - _FREE - 1, 20)), cap)

    def wait(self, cap: timedelta, now: datetime) -> timedelta:
        """How long the door is still shut; two who knock at once may each think the other came later."""
        pause = self.pause(cap)
        return self.failed_at + pause - now if pause else timedelta()

    def remembered(self, memory: timedelta, now: datetime) -> "Tries":
        """These tries, forgotten if the last one is long past."""
        if now - self.failed_at <= memory:
            return self
        return replace(self, failures=0)

    def failed(self, now: datetime) -> "Tries":
        """One more failure; it counts from before the password is compared, so that tries at once count too."""
        return replace(self, failures=self.failures + 1, failed_at=now, turn_at=None)


def admitted(
    pair: Tries, shared: Sequence[Tries], now: datetime, *, known: bool
) -> tuple[list[Tries], timedelta | None]:
    """The counters after a knock, and how long to wait; no wait means the password is compared.

    ``known`` pairs (the member signed in from there before) do not look at what others did.
    """
    pair = pair.remembered(_PAIR_MEMORY, now)
    own_wait = pair.wait(SHARED_CAP if known else PAIR_CAP, now)
    if own_wait > timedelta():
        return [pair], own_wait
    others = [] if known else [t.remembered(_SHARED_MEMORY, now) for t in shared]
    wait = max((t.wait(SHARED_CAP, now) for t in others), default=timedelta())
    if pair.turn_at is not None:
        wait = min(wait, pair.turn_at - now)
    if wait > timedelta():
        return [replace(pair, turn_at=now + wait)], wait
    return [t.failed(now) for t in (pair, *others)], None


def too_many(wait: timedelta) -> TooMany:
    """The refusal of a knock that came too early."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    return TooMany(
        "sign-in-too-often",
        f"続けて間違えたため、少し間をあけています。{seconds}秒たってから、もう一度入力してください。",
        retry_after=seconds,
    )


def network_of(address: str) -> str:
    """The network an address belongs to: neighbours of an attacker are the attacker."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    prefix = 24 if found.version == 4 else 56
    return str(ipaddress.ip_network((found, prefix), strict=False))


def key_of(*names: str) -> bytes:
    """The name of a counter; it says nothing to those who read the table."""
    return hashlib.sha256("\x1f".join(names).encode()).digest()
