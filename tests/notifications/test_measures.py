"""Letters about measures: whose turn it is hears of it, and the municipality hears what became of it."""

from typing import Any

import pytest

from chassis.database import Connection
from contracts import registry
from contracts.event import Fact
from contracts.principal import Role
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from services.notifications.model.letter import Contact
from services.notifications.store import contacts
from tests.notifications.rooms import AOBA, HANAKO, Hear

EXAMPLES = ROOT / "contracts/examples"


def example(fact: type[Fact], **changes: Any) -> Fact:
    """The released example of a fact, as somebody else's."""
    written = fact.model_validate_json((EXAMPLES / f"{fact.type}.json").read_bytes())
    return written.model_copy(update={"municipality_id": AOBA, "revision": 1, **changes})


@pytest.mark.parametrize(
    ("fact", "template", "address"),
    [
        (registry.MeasureSubmitted, "measure_submitted", "approver@aoba.example"),
        (registry.MeasureReturned, "measure_returned", "editor@aoba.example"),
        (registry.MeasurePublished, "measure_published", "editor@aoba.example"),
        (registry.MeasureOpened, "measure_opened", "editor@aoba.example"),
        (registry.MeasurePaused, "measure_paused", "editor@aoba.example"),
        (registry.MeasureClosed, "measure_closed", "editor@aoba.example"),
        (registry.MeasureApproved, "measure_arrived", "clerk@jimu.example"),
    ],
)
async def test_a_letter_goes_to_those_whose_turn_it_is(
    conn: Connection, hear: Hear, fact: type[Fact], template: str, address: str
) -> None:
    jimu = type(AOBA)(int=77)
    await contacts.save_organisation(conn, AOBA, OrganisationKind.MUNICIPALITY, "青葉市")
    await contacts.save_organisation(conn, jimu, OrganisationKind.SECRETARIAT, "事務局")
    people = (
        Contact(HANAKO, AOBA, frozenset({Role.EDITOR}), "花子", "editor@aoba.example"),
        Contact(
            type(AOBA)(int=78), AOBA, frozenset({Role.APPROVER}), "太郎", "approver@aoba.example"
        ),
        Contact(type(AOBA)(int=79), jimu, frozenset({Role.REVIEWER}), "次郎", "clerk@jimu.example"),
    )
    for person in people:
        await contacts.save_contact(conn, person)
    await hear(conn, example(fact))
    found = await conn.fetch(
        "SELECT template, address FROM letters JOIN deliveries USING (letter_id)"
        " WHERE template LIKE 'measure%' AND template <> 'measure_news'"
    )
    assert [tuple(row) for row in found] == [(template, address)]
