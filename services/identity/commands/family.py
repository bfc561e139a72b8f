"""Legal representatives: a child's card beside the own one, and the municipality that confirms."""

from datetime import date, datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Forbidden, NotFound
from services.identity.commands.cards import Reading, lock
from services.identity.commands.office import Office
from services.identity.commands.resident_visits import idle_after
from services.identity.commands.residents import holder_of, sealed_person
from services.identity.model.assertions import (
    Purpose,
    Shown,
    alive,
    check,
    fresh,
    in_own_session,
    unused,
)
from services.identity.model.facts_of_person import FactsOfPerson
from services.identity.model.family import Representation, last_day, not_for_this_child
from services.identity.store import cards, family, resident_sessions


async def declare(
    conn: Connection,
    office: Office,
    reading: Reading,
    session_id: UUID,
    child: FactsOfPerson,
    *,
    now: datetime,
    today: date,
) -> Representation:
    """Ask to act for the child whose card was read beside one's own session."""
    challenge = await lock(conn, reading)
    session = await resident_sessions.session_for_update(conn, session_id)
    if challenge.purpose is not Purpose.FAMILY:
        raise Forbidden("card-purpose", "この読み取りは別の手続きのためのものです。")
    shown = Shown(challenge, session, None, idle_after(office), now)
    check(shown, (unused, fresh, in_own_session, alive))
    until_on = last_day(child.birth_on, today)
    holder = await holder_of(conn, reading, now=now)
    if session is None or holder.id == session.resident_id:
        raise Forbidden("own-card", "お子さまのカードを読み取ってください。")
    await cards.use_challenge(conn, challenge.id, reading.digest, now)
    asked = Representation(
        id=new_id(),
        representative_id=session.resident_id,
        child_id=holder.id,
        state="requested",
        municipality_code=child.municipality_code,
        child=sealed_person(office, child),
        requested_at=now,
        until_on=until_on,
    )
    await family.add_representation(conn, asked)
    return asked


async def decide(
    conn: Connection,
    representation_id: UUID,
    state: str,
    *,
    municipality_code: str,
    member_id: UUID,
    now: datetime,
) -> None:
    """The municipality of the child confirms or refuses."""
    found = await family.representation_for_update(conn, representation_id)
    if found is None or found.municipality_code != municipality_code:
        raise NotFound("no-such-representation", "その届け出は見つかりません。")
    found.decided()
    await family.decide(conn, representation_id, state, member_id, now)


async def acts_for(conn: Connection, resident_id: UUID, child_id: UUID, *, now: datetime) -> str:
    """The child's sealed facts, if the resident is confirmed to act for the child today."""
    found = await family.confirmed(conn, resident_id, child_id, day_of(now))
    if found is None:
        raise not_for_this_child()
    return found.child
