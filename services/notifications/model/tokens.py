"""Links a reader holds: an id and a proof that it came from us, so that nothing secret has to be stored."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID

from chassis.refusal import NotFound

_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}")
_ID = 22

Tag = Callable[[str], bytes]


def token_of(tag: Tag, purpose: str, one: UUID) -> str:
    """What stands in a link for ``purpose`` about ``one``."""
    return _text(one.bytes) + _text(tag(f"{purpose}/{one}")[:16])


def opened_token(tag: Tag, purpose: str, token: str) -> UUID:
    """What a link is about; ``NotFound`` where it is none of ours."""
    if _TOKEN.fullmatch(token):
        one = UUID(bytes=urlsafe_b64decode(token[:_ID] + "=="))
        if hmac.compare_digest(token_of(tag, purpose, one), token):
            return one
    raise NotFound("no-such-link", "このリンクは使えません。メールのリンクを開き直してください。")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
