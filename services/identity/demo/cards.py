"""The demo's residents: their cards were read once, and one mother acts for her daughter."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from contracts.values import OrganisationKind
from services.identity.card_issuer import Shelf
from services.identity.card_issuer.invented import card_id_of, facts_of, invented, resident_id_of
from services.identity.commands.cards import Reading
from services.identity.commands.office import Office
from services.identity.commands.residents import holder_of, note_called, sealed_person
from services.identity.model.assertions import Challenge, Purpose
from services.identity.model.certificates import Use, read_certificate
from services.identity.model.family import Representation, last_day
from services.identity.store import accounts, family, members, residents


async def perform(conn: Connection, office: Office, shelf: Shelf, *, at: datetime) -> None:
    """Make every demo resident that is not there yet."""
    for one in invented():
        if not await residents.resident(conn, resident_id_of(one["number"])):
            await _arrive(conn, office, shelf, one, at)
    for one in invented():
        if "child_of" in one:
            await _represented(conn, office, one, at)


async def _arrive(
    conn: Connection, office: Office, shelf: Shelf, one: dict[str, Any], at: datetime
) -> None:
    resident_id = resident_id_of(one["number"])
    card = shelf.cards[card_id_of(one["number"])]
    for use in card.held:
        der, _ = card.signs(use, card.pins[use], "")
        certificate = read_certificate(der, office.jpki.roots(), at)
        kept = office.kept(certificate.issuer, use, certificate.serial)
        kin = [
            office.kept(issuer, *other)
            for other in card.others(use, certificate.serial)
            for issuer in office.issuers()
        ]
        challenge = Challenge.made(
            resident_id, Purpose.SIGN_IN, "", b"", session_id=None, desk_id=None, now=at
        )
        reading = Reading(challenge, certificate, kept, b"", kin)
        await holder_of(conn, reading, now=at, resident_id=resident_id)
    if Use.SIGNING in card.held:
        await note_called(conn, office, resident_id, facts_of(one))


async def _represented(conn: Connection, office: Office, one: dict[str, Any], at: datetime) -> None:
    representative_id, child_id = resident_id_of(one["child_of"]), resident_id_of(one["number"])
    code = one["municipality_code"]
    if await family.confirmed(conn, representative_id, child_id, day_of(at)):
        return
    member_id = await _decider(conn, code)
    if member_id is None:
        return
    child = facts_of(one)
    asked = Representation(
        id=child_id,
        representative_id=representative_id,
        child_id=child_id,
        state="requested",
        municipality_code=code,
        child=sealed_person(office, child),
        requested_at=at,
        until_on=last_day(child.birth_on, day_of(at)),
    )
    await family.add_representation(conn, asked)
    await family.decide(conn, asked.id, "confirmed", member_id, at)


async def _decider(conn: Connection, code: str) -> UUID | None:
    account = await accounts.usable_account_of(conn, OrganisationKind.MUNICIPALITY, code)
    if account is None:
        return None
    member = await members.member_by_sign_in_id(conn, f"{account.sign_in_prefix}-01")
    return member.id if member else None


def told() -> list[dict[str, str]]:
    """Whose cards there are, in words for the screen."""
    return [
        {
            "account": f"住民 {one['name']}さんのカード（{one['note']}）",
            "sign_in_id": "",
            "password": "",
            "totp_secret": "",
            "card": one["name"],
            "pin": one["pin"],
            "signing_pin": one["signing_pin"],
        }
        for one in invented()
    ]
