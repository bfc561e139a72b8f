"""How far a notice reached, as everybody may know it: numbers in words, and a bar beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.portal.visit import Visit

#: How wide the bar is drawn.
WIDE = 360
_PARTS = {"delivered": "届いた", "failed": "届かなかった", "pending": "送信中"}
_FEWER = "10人未満"


@dataclass(frozen=True, slots=True)
class Part:
    """Readers in one state; a number nobody may know takes no room in the bar."""

    name: str
    title: str
    said: str
    x: int
    wide: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The whole and its parts."""

    intended: str
    parts: list[Part]
    #: Whether everybody stands in line; until then the whole still grows.
    complete: bool


async def reached(visit: Visit, about: str) -> Reached | None:
    """How far the news about something reached; None where nobody was told or too few to say."""
    reply = await visit.ask("GET", "notifications/announcements/reach", query={"about": about})
    return drawn(reply.json()) if reply.ok else None


def drawn(found: Mapping[str, Any]) -> Reached | None:
    """The numbers in words and as lengths of the bar."""
    whole = found.get("intended")
    if not whole:
        return None
    about = "約" if found["rounded"] else ""
    parts: list[Part] = []
    x = 0
    for name, title in _PARTS.items():
        number = found[name]
        said = _FEWER if number is None else f"{about if number else ''}{number:,}人"
        # Rounded parts may come to more than the rounded whole: the bar ends where it ends.
        wide = min(WIDE - x, (number or 0) * WIDE // whole)
        parts.append(Part(name, title, said, x, wide))
        x += wide
    return Reached(f"{about}{whole:,}人", parts, found["complete"])
