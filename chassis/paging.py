"""Lists in pages: an opaque cursor stands where a page number would lie."""

import base64
import binascii
import json
from typing import Generic, TypeVar

from pydantic import BaseModel

from chassis.refusal import Malformed

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some of a list; ``next`` goes into ``after`` for what follows, and is absent at the end."""

    items: list[T]
    next: str | None = None


def cursor_of(*keys: str | int) -> str:
    """The place in a list after the row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def after_of(cursor: str | None, *kinds: type) -> tuple[str | int, ...] | None:
    """The sort keys a cursor of ours holds, each of the kind named; None without a cursor."""
    if cursor is None:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        keys = None
    right = isinstance(keys, list) and len(keys) == len(kinds)
    if not right or any(type(k) is not kind for k, kind in zip(keys, kinds, strict=True)):
        raise Malformed(
            "cursor-unknown",
            "一覧の続きの位置が読み取れません。最初のページから開き直してください。",
        )
    return tuple(keys)
