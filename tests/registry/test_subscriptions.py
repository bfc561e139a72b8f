"""What the registry does when identity speaks, with every example of the facts it acts on."""

from pathlib import Path
from typing import Any

import pytest

import contracts
from chassis.database import Connection
from chassis.ids import new_id
from contracts.identity import (
    AccountClosed,
    AccountIssued,
    AccountPromoted,
    ClientRevoked,
    SessionEnded,
)
from contracts.values import OrganisationKind
from services.registry import subscriptions
from services.registry.store import organisations
from services.registry.subscriptions import SUBSCRIPTIONS

_EXAMPLES = Path(contracts.__file__).parent / "examples"


def issued(**changes: Any) -> AccountIssued:
    """An account was issued."""
    fields = {
        "account_id": new_id(),
        "revision": 2,
        "organisation_kind": OrganisationKind.MUNICIPALITY,
        "organisation_code": "172031",
        "organisation_name": "小松市",
        "member_id": new_id(),
        "letter": "sealed",
    }
    return AccountIssued.model_validate({**fields, **changes})


async def test_an_issued_account_may_register(conn: Connection) -> None:
    fact = issued()
    await subscriptions.account_issued(conn, fact)
    found = await organisations.organisation(conn, fact.account_id)
    assert (found.state, found.claimed_code, found.account_open) == ("draft", "172031", True)


async def test_a_provisional_account_that_became_a_full_one_may_register(conn: Connection) -> None:
    fact = AccountPromoted(
        account_id=new_id(),
        revision=3,
        organisation_kind=OrganisationKind.MUNICIPALITY,
        organisation_code="121002",
        organisation_name="千葉市",
    )
    await subscriptions.account_promoted(conn, fact)
    found = await organisations.organisation(conn, fact.account_id)
    assert found.claimed_name == "千葉市"


async def test_the_secretariats_own_account_is_no_applicant(conn: Connection) -> None:
    fact = issued(organisation_kind=OrganisationKind.SECRETARIAT)
    await subscriptions.account_issued(conn, fact)
    assert not await organisations.is_known(conn, fact.account_id)


async def test_a_closed_account_leaves_the_registration_as_it_is(conn: Connection) -> None:
    fact = issued()
    await subscriptions.account_issued(conn, fact)
    closed = AccountClosed(account_id=fact.account_id, revision=3, reason="統合のため")
    await subscriptions.account_closed(conn, closed)
    found = await organisations.organisation(conn, fact.account_id)
    assert (found.state, found.account_open) == ("draft", False)


async def test_an_ended_session_and_a_revoked_client_are_refused(conn: Connection) -> None:
    session = SessionEnded(session_id=new_id(), revision=1, reason="signed out")
    client = ClientRevoked(client_id=new_id(), revision=3)
    await subscriptions.session_ended(conn, session)
    await subscriptions.session_ended(conn, session)
    await subscriptions.client_revoked(conn, client)
    refused = {row["id"] for row in await conn.fetch("SELECT id FROM refused")}
    assert {session.session_id, client.client_id} <= refused


@pytest.mark.parametrize(
    "file", sorted(_EXAMPLES.glob("identity.*.json")), ids=lambda file: file.stem
)
async def test_every_example_of_what_identity_says_is_taken(conn: Connection, file: Path) -> None:
    handler = SUBSCRIPTIONS.handlers.get(file.stem)
    if handler is None:
        assert file.stem in SUBSCRIPTIONS.known or file.stem.startswith("identity.resident")
        return
    await handler(conn, SUBSCRIPTIONS.known[file.stem].model_validate_json(file.read_bytes()))
