"""Letters about matches and contracts: to the other side of whoever acted, or to both."""

import pytest

from chassis.database import Connection
from contracts import registry
from contracts.event import Fact
from contracts.values import OrganisationKind
from deploy.local.places import ROOT
from services.notifications.store import contacts
from tests.notifications.rooms import AOBA, Hear

EXAMPLES = ROOT / "contracts/examples"
NAGISA = type(AOBA)(int=91)
BOTH = {AOBA, NAGISA}


@pytest.mark.parametrize(
    ("fact", "template", "readers"),
    [
        (registry.MatchAccepted, "match_accepted", BOTH),
        (registry.MatchDeclined, "match_declined", BOTH),
        (registry.MatchExpired, "match_expired", BOTH),
        (registry.MatchActivated, "match_activated", BOTH),
        (registry.MatchEnded, "match_ended", BOTH),
        (registry.ContractDelayed, "contract_delayed", {AOBA}),
        (registry.ContractSent, "contract_sent", BOTH),
        (registry.ContractReminded, "contract_reminded", BOTH),
        (registry.ContractLinkExpired, "contract_link_expired", {AOBA}),
        (registry.ContractBounced, "contract_bounced", {AOBA}),
        (registry.ContractSendFailed, "contract_send_failed", {AOBA}),
        (registry.ContractConcluded, "contract_concluded", BOTH),
        (registry.ContractRejected, "contract_rejected", BOTH),
        (registry.ContractCancelled, "contract_cancelled", BOTH),
        (registry.ContractEnded, "contract_ended", BOTH),
    ],
)
async def test_whom_a_letter_goes_to(
    conn: Connection, hear: Hear, fact: type[Fact], template: str, readers: set[object]
) -> None:
    assert await _written(conn, hear, _example(fact)) == {(template, reader) for reader in readers}


@pytest.mark.parametrize(
    ("by", "reader"),
    [(OrganisationKind.MUNICIPALITY, NAGISA), (OrganisationKind.PROVIDER, AOBA)],
)
@pytest.mark.parametrize(
    ("fact", "template"),
    [
        (registry.MatchProposed, "match_proposed"),
        (registry.MatchWithdrawn, "match_withdrawn"),
    ],
)
async def test_the_other_side_hears_of_what_one_side_did(
    conn: Connection,
    hear: Hear,
    fact: type[Fact],
    template: str,
    by: OrganisationKind,
    reader: object,
) -> None:
    told = _example(fact).model_copy(update={"by": by})
    assert await _written(conn, hear, told) == {(template, reader)}


def _example(fact: type[Fact]) -> Fact:
    written = fact.model_validate_json((EXAMPLES / f"{fact.type}.json").read_bytes())
    sides = {"municipality_id": AOBA, "provider_id": NAGISA, "revision": 1}
    return written.model_copy(update=sides)


async def _written(conn: Connection, hear: Hear, fact: Fact) -> set[tuple[str, object]]:
    await contacts.save_organisation(conn, AOBA, OrganisationKind.MUNICIPALITY, "青葉市")
    await contacts.save_organisation(conn, NAGISA, OrganisationKind.PROVIDER, "なぎさ電子決済")
    await hear(conn, fact)
    rows = await conn.fetch("SELECT template, organisation_id FROM letters")
    return {tuple(row) for row in rows}
