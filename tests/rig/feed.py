"""A provider's system that reads the public feed and believes nothing it has not checked."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

NOTHING = bytes(32)


def verified(
    entries: Sequence[dict[str, Any]], *, after: int = 0, chain: bytes = NOTHING
) -> Sequence[dict[str, Any]]:
    """The entries, if their positions have no gap and each continues the chain of the one before."""
    for entry in entries:
        after += 1
        assert entry["position"] == after, f"position {entry['position']} where {after} was due"
        names = ("position", "event_id", "type", "subject", "revision", "recorded_at")
        head = "".join(f"{entry[name]}\n" for name in names)
        body = json.dumps(entry["data"], ensure_ascii=False, separators=(",", ":"))
        chain = hashlib.sha256(chain + head.encode() + body.encode()).digest()
        assert entry["chain"] == chain.hex(), f"the chain is broken at {after}"
    return entries
