"""The hash chain of the feed: every entry vouches for all before it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The chain before the first entry.
NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """One public fact at its place in the feed."""

    position: int
    event_id: str
    type: str
    subject: str
    revision: int
    recorded_at: str
    chain: bytes
    data: Mapping[str, Any]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Entry":
        """The entry as the feed writes it; unknown fields are ignored."""
        return cls(
            position=int(document["position"]),
            event_id=str(document["event_id"]),
            type=str(document["type"]),
            subject=str(document["subject"]),
            revision=int(document["revision"]),
            recorded_at=str(document["recorded_at"]),
            chain=bytes.fromhex(document["chain"]),
            data=document["data"],
        )

    @property
    def body(self) -> bytes:
        """The bytes of ``data`` that were hashed: JSON without spaces, in the order given, not escaped beyond need."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":")).encode()


def link(before: bytes, entry: Entry) -> bytes:
    """The chain at an entry, computed from the chain before it and the entry alone."""
    fields = (
        f"{entry.position}\n{entry.event_id}\n{entry.type}\n{entry.subject}\n"
        f"{entry.revision}\n{entry.recorded_at}\n"
    )
    return hashlib.sha256(before + fields.encode() + entry.body).digest()
