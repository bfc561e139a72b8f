"""Whom residents act for, and the municipalities that confirm it."""

from uuid import UUID

from chassis.database import Connection, transaction
from chassis.web import Ask, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.identity.api.desk import PREFIX, TAG, member_id, office, resident_id, session_id
from services.identity.api.views.cards import (
    AskedRepresentationsView,
    DecideBody,
    DeclareChildBody,
    FamilyView,
    RelativeView,
    decoded,
)
from services.identity.commands import cards, family, residents
from services.identity.model.facts_of_person import FactsOfPerson
from services.identity.model.family import Representation
from services.identity.store import accounts
from services.identity.store import family as kept
from services.identity.store import residents as kept_residents

routes = Routes(PREFIX, tag=TAG)

_DECIDERS = {Role.ADMIN, Role.REVIEWER, Role.APPROVER}
_MUNICIPALITY = {OrganisationKind.MUNICIPALITY}


def _relative(ask: Ask, one: Representation) -> RelativeView:
    child = residents.opened_person(office(ask), one.child)
    return RelativeView.model_validate(
        {
            "representation_id": one.id,
            "child_id": one.child_id,
            "name": child.name,
            "birth_on": child.birth_on,
            "state": one.state,
            "until_on": one.until_on,
        }
    )


@routes.get("/own-family", kinds={"resident"})
async def own_family(ask: Ask, conn: Connection) -> FamilyView:
    """The resident, and the children the resident acts for or asked to act for."""
    own = await kept_residents.resident(conn, resident_id(ask))
    known = residents.called(office(ask), own) if own else None
    found = await kept.family_of(conn, resident_id(ask))
    name = "" if known is None else known.masked if ask.principal.desk_id else known.name
    return FamilyView(
        resident_id=resident_id(ask), name=name, items=[_relative(ask, one) for one in found]
    )


@routes.post("/own-family", kinds={"resident"}, idempotent=False, status=201)
async def declare_child(ask: Ask, body: DeclareChildBody) -> RelativeView:
    """Ask to act for a child, whose card was just read for this."""
    certificate, signature = decoded(body.certificate), decoded(body.signature)
    read = await cards.read(
        ask.pool, office(ask), body.challenge_id, certificate, signature, now=ask.now
    )
    child = FactsOfPerson(
        name=body.name,
        name_kana=body.name_kana,
        birth_on=body.birth_on,
        sex=None,
        municipality_code=body.municipality_code,
        address=body.address,
    )
    async with transaction(ask.pool) as conn:
        made = await family.declare(
            conn, office(ask), read, session_id(ask), child, now=ask.now, today=ask.today
        )
    return _relative(ask, made)


@routes.get("/representations", organisation=_MUNICIPALITY, roles=_DECIDERS)
async def asked_representations(ask: Ask, conn: Connection) -> AskedRepresentationsView:
    """What parents of this municipality ask to have confirmed."""
    account = await accounts.account(conn, ask.organisation_id)
    found = await kept.asked_of(conn, account.organisation_code if account else "")
    return AskedRepresentationsView(items=[_relative(ask, one) for one in found])


@routes.post(
    "/representations/{representation_id}/decision", organisation=_MUNICIPALITY, roles=_DECIDERS
)
async def decide_representation(
    ask: Ask, conn: Connection, representation_id: UUID, body: DecideBody
) -> None:
    """Confirm, or refuse, that somebody is a child's legal representative."""
    account = await accounts.account(conn, ask.organisation_id)
    await family.decide(
        conn,
        representation_id,
        "confirmed" if body.confirmed else "refused",
        municipality_code=account.organisation_code if account else "",
        member_id=member_id(ask),
        now=ask.now,
    )
