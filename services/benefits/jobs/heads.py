"""The heads of the ledger's chains, signed and written outside the database, so that a rewritten past is noticed."""

import hashlib
import json

import structlog

from chassis.access import Keys
from chassis.database import Pool, reading
from services.benefits.store import ledger

#: What the signature of a head calls itself.
HEAD = "machipo-ledger-head"
_log = structlog.get_logger()


class Heads:
    """Signs how far the ledger has come; the log keeps it where the owner of the tables does not write."""

    def __init__(self, pool: Pool, keys: Keys) -> None:
        self._pool, self._keys = pool, keys
        self._last = ""

    async def sign(self) -> bool:
        """Write down the head, if it moved; there is nothing more to do until the next turn."""
        async with reading(self._pool) as conn:
            chains = await ledger.heads(conn)
        content = {"links": sum(link for *_, link, _ in chains), "digest": digest_of(chains)}
        if content["digest"] != self._last:
            token = self._keys.attest(json.dumps(content).encode(), HEAD)
            _log.info("ledger head", links=content["links"], head=token)
            self._last = str(content["digest"])
        return False


def digest_of(chains: list[tuple[int, int, int, bytes]]) -> str:
    """One hash over the last link of every chain: ledger, lane, link, head."""
    text = "\n".join(f"{book}/{lane}/{link}/{head.hex()}" for book, lane, link, head in chains)
    return hashlib.sha256(text.encode()).hexdigest()
