"""Attendance codes: signed, for one occasion, good for a while, and for as many people as they were made for."""

from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from chassis.refusal import Conflict, NotFound
from contracts.registry import MeasureEntry, Occasion

#: People come a little early and leave a little late.
MARGIN = timedelta(minutes=30)
_TAG_BYTES = 10


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was made."""

    id: UUID
    measure_id: UUID
    occasion_id: UUID
    valid_from: datetime
    valid_until: datetime
    uses: int | None
    used: int
    made_by: str
    made_at: datetime

    def admit(self, now: datetime) -> None:
        """Refuse a code of another time, or one that was made for fewer people."""
        if now < self.valid_from:
            raise Conflict(
                "attendance-code-early",
                "この会の受付は、まだ始まっていません。会場でもう一度読み取ってください。",
            )
        if now >= self.valid_until:
            raise Conflict(
                "attendance-code-expired",
                "このコードは期限が切れています。会場に出ている新しいコードを読み取ってください。",
            )
        if self.uses is not None and self.used >= self.uses:
            raise Conflict(
                "attendance-code-used",
                "このコードは、もう使われています。会場の係の方にお声がけください。",
            )


def occasion_of(entry: MeasureEntry, occasion_id: UUID) -> Occasion:
    """The occasion of a measure."""
    for occasion in entry.occasions:
        if occasion.occasion_id == occasion_id:
            return occasion
    raise NotFound("no-such-occasion", "この会は見つかりません。")


def span_of(occasion: Occasion, minutes: int, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a code made now is good: never outside its occasion."""
    last = occasion.ends_at + MARGIN
    if now >= last:
        raise Conflict("occasion-over", "この会はもう終わっています。")
    first = max(now, occasion.starts_at - MARGIN)
    return first, min(first + timedelta(minutes=minutes), last)


def text_of(code_id: UUID, tag: Callable[[str], bytes]) -> str:
    """The text of a QR code: which code it is, and that we made it."""
    signed = tag(f"attendance/{code_id}")[:_TAG_BYTES]
    return b32encode(code_id.bytes + signed).decode().rstrip("=").lower()


def read(text: str, tag: Callable[[str], bytes]) -> UUID:
    """Which code a text is; refused when we did not make it."""
    try:
        raw = b32decode(text.upper() + "=" * (-len(text) % 8))
        code_id = UUID(bytes=raw[:16])
    except (Error, ValueError):
        raise unknown() from None
    if not compare_digest(raw[16:], tag(f"attendance/{code_id}")[:_TAG_BYTES]):
        raise unknown()
    return code_id


def unknown() -> NotFound:
    """There is no such code, or somebody else made it."""
    return NotFound(
        "attendance-code-unknown",
        "このコードは読み取れません。会場に出ているコードを、もう一度読み取ってください。",
    )
