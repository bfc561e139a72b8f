"""What a resident has of a measure already, so that nobody reads a card for what would be refused."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from gateway.portal.residents.applying import Person, people_of
from gateway.portal.visit import Visit

#: Applications that do not stand in the way of another.
_GIVEN_BACK = frozenset({"rejected", "withdrawn", "revoked"})


@dataclass(frozen=True, slots=True)
class Had:
    """The applications that count, and for whom one may still apply; benefits has the last word."""

    items: list[dict[str, Any]]
    people: list[Person]
    names: dict[str, str]

    @property
    def done(self) -> bool:
        """Whether nobody is left to apply for."""
        return bool(self.items) and not self.people


async def had_of(visit: Visit, entry: dict[str, Any], family: dict[str, Any]) -> Had:
    """What the resident has of the measure whose page this is."""
    query = {"measure_id": visit.part("measure_id"), "limit": "50"}
    reply = await visit.ask("GET", "benefits/own-applications", query=query)
    items = reply.json().get("items", []) if reply.ok else []
    items = [one for one in items if one["state"] not in _GIVEN_BACK]
    used = Counter(one["person_id"] for one in items)
    times = entry.get("times") or 1
    people = [one for one in people_of(family, entry) if used[one[0]] < times]
    return Had(items, people, names_of(family))


async def had_by_whoever_looks(visit: Visit, entry: dict[str, Any]) -> Had | None:
    """The same on a page for everybody; None for who is no resident, or where nobody says."""
    if visit.resident is None:
        return None
    reply = await visit.ask("GET", "identity/own-family")
    if not reply.ok:
        return None
    found = await had_of(visit, entry, reply.json())
    return found if found.items else None


def names_of(family: dict[str, Any]) -> dict[str, str]:
    """For whom an application is, in words, by the person's id."""
    own = {family["resident_id"]: "ご本人の分"}
    return own | {one["child_id"]: f"お子さま {one['name']} さんの分" for one in family["items"]}
