"""The invented persons of the demo and their cards."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.identity.card_issuer.cards import Shelf, shelf_in
from services.identity.card_issuer.issuer import Issuer
from services.identity.model.certificates import Use
from services.identity.model.facts_of_person import FactsOfPerson

_FILE = Path(__file__).with_name("invented.json")


def invented() -> list[dict[str, Any]]:
    """Who they are: ``invented.json``."""
    read: dict[str, list[dict[str, Any]]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read["residents"]


def resident_id_of(number: int) -> UUID:
    """The id of a demo resident; other services' demo data name it too."""
    return UUID(f"01900000-0000-7000-8101-{number:012d}")


def card_id_of(number: int) -> UUID:
    """The id of a demo resident's card."""
    return UUID(f"01900000-0000-7000-8102-{number:012d}")


def facts_of(one: dict[str, Any]) -> FactsOfPerson:
    """What such a person's card shows."""
    said = {name: one[name] for name in FactsOfPerson.__slots__}
    return FactsOfPerson(**{**said, "birth_on": date.fromisoformat(one["birth_on"])})


def invented_shelf(folder: Path, now: datetime) -> Shelf:
    """The shelf of the demo's cards, made where there is none yet."""
    with shelf_in(folder) as kept:
        if kept is not None:
            return kept
        shelf = Shelf(Issuer.new(now))
        for one in invented():
            pins = {Use.AUTHENTICATION: one["pin"], Use.SIGNING: one["signing_pin"]}
            card = shelf.give(card_id_of(one["number"]), facts_of(one), pins, now, note=one["note"])
            if one.get("revoked"):
                shelf.revoke(card)
        shelf.save(folder)
        return shelf
