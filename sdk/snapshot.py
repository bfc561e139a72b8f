"""Snapshots: the feed reduced to the last entry of each subject."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def folded(snapshot: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> bytes:
    """What the snapshot becomes when ``entries`` follow it, byte for byte as the register writes it."""
    position, chain = snapshot["position"], snapshot["chain"]
    last = {entry["subject"]: entry for entry in snapshot["entries"]}
    for entry in entries:
        last[entry["subject"]] = entry
        position, chain = entry["position"], entry["chain"]
    document = {
        "feed": snapshot["feed"],
        "position": position,
        "chain": chain,
        "entries": [last[subject] for subject in sorted(last)],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
