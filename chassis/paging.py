"""Lists in pages: an opaque cursor stands where a page number would lie."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from chassis.clock import is_reckonable
from chassis.refusal import Malformed

T = TypeVar("T")
#: What no database can be asked about.
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_MOST = 2**63


class Page(BaseModel, Generic[T]):
    """Some of a list; ``next`` goes into ``after`` for what follows, and is absent at the end."""

    items: list[T]
    next: str | None = None


def cursor_of(*keys: str | int) -> str:
    """The place in a list after the row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def after_of(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort keys a cursor of ours holds, each as the kind named; None without a cursor."""
    if cursor is None:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_KINDS[kind](key) for kind, key in zip(kinds, keys, strict=True))
    except (ValueError, TypeError):
        raise Malformed(
            "cursor-unknown",
            "一覧の続きの位置が読み取れません。最初のページから開き直してください。",
        ) from None


def _text(key: Any) -> str:
    if not isinstance(key, str) or _UNUSABLE.search(key):
        raise ValueError("not a text")
    return key


def _number(key: Any) -> int:
    if type(key) is not int or abs(key) >= _MOST:
        raise ValueError("not a number")
    return key


def _instant(key: Any) -> datetime:
    instant = datetime.fromisoformat(key)
    if instant.tzinfo is None or not is_reckonable(instant):
        raise ValueError("not an instant")
    return instant


_KINDS: Mapping[type, Callable[[Any], Any]] = {
    str: _text,
    int: _number,
    datetime: _instant,
    date: date.fromisoformat,
    UUID: lambda key: UUID(_text(key)),
}
