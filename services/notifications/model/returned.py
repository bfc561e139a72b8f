"""A mail that came back: what a delivery status notification (RFC 3464) says about one of ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from chassis.refusal import Malformed
from services.notifications.model.address import one_line

_RETURN_PATH = re.compile(r"bounce\+([0-9a-f]{32})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
_LONGEST_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """Which mail came back, whether for good, and in whose words."""

    delivery_id: UUID
    final: bool
    answer: str


def notice_of(raw: bytes) -> Notice:
    """The notice in a mail; ``Malformed`` if it is none about a mail of ours."""
    message = message_from_bytes(raw)
    status = next(_statuses(message), None)
    delivery_id = _by_address(message) or _by_message_id(message)
    if status is None or delivery_id is None:
        raise Malformed("no-notice", "届かなかったメールの知らせとして読み取れません。")
    code = str(status["Status"] or "")
    said = one_line(f"{code} {status['Diagnostic-Code'] or ''}")[:_LONGEST_ANSWER]
    final = str(status["Action"] or "").strip().lower() == "failed" and code.startswith("5")
    return Notice(delivery_id, final, said)


def _statuses(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (p for p in part.get_payload() if isinstance(p, Message) and p["Action"])


def _by_address(message: Message) -> UUID | None:
    for header in _ADDRESSED:
        if match := _RETURN_PATH.search(str(message[header] or "")):
            return UUID(match[1])
    return None


def _by_message_id(message: Message) -> UUID | None:
    for part in message.walk():
        original = part.get_content_type() in ("text/rfc822-headers", "message/rfc822")
        if original and (match := _MESSAGE_ID.search(part.as_string())):
            return UUID(match[1])
    return None
