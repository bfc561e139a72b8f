"""Who a card belongs to: the same person through renewals and new cards."""

import json
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from contracts.identity import ResidentClosed, ResidentRegistered, ResidentRenewed
from services.identity.commands.cards import Reading
from services.identity.commands.endings import say_ended
from services.identity.commands.office import Office
from services.identity.model.facts_of_person import FactsOfPerson
from services.identity.model.residents import Called, Resident, closed
from services.identity.store import resident_sessions, residents


async def holder_of(
    conn: Connection, reading: Reading, *, now: datetime, resident_id: UUID | None = None
) -> Resident:
    """The resident whose card was read; somebody never seen before is registered."""
    found = await _known(conn, reading, now)
    if found is None:
        found = Resident(resident_id or new_id(), 1, now)
        await residents.add_resident(conn, found)
        await residents.add_certificate(conn, found.id, reading.kept, reading.certificate.use, now)
        publish(conn, ResidentRegistered(resident_id=found.id, revision=1, occurred_at=now))
    if found.closed_at is not None:
        raise closed()
    return found


async def holder_if_known(conn: Connection, reading: Reading, *, now: datetime) -> UUID | None:
    """Whose card was read, if it is anybody we know."""
    found = await _known(conn, reading, now)
    return found.id if found else None


async def _known(conn: Connection, reading: Reading, now: datetime) -> Resident | None:
    named = [reading.kept, *reading.kin]
    await residents.one_at_a_time(conn, named)
    holder = await residents.holder(conn, reading.kept)
    if holder is not None:
        return await residents.resident(conn, holder)
    known = await residents.holders_for_update(conn, named)
    return await _tied(conn, known[0], reading, now) if known else None


async def _tied(conn: Connection, known: Resident, reading: Reading, now: datetime) -> Resident:
    """A certificate we see for the first time, of somebody the issuer says we know."""
    use = reading.certificate.use
    had_one = await residents.has_certificate(conn, known.id, use)
    await residents.add_certificate(conn, known.id, reading.kept, use, now)
    if not had_one or known.closed_at is not None:
        return known
    renewed = known.renewed()
    await residents.save_revision(conn, renewed)
    publish(conn, ResidentRenewed(resident_id=known.id, revision=renewed.revision, occurred_at=now))
    return renewed


async def close(conn: Connection, resident_id: UUID, reason: str, *, now: datetime) -> None:
    """The resident acts no more; wherever they are signed in, that ends."""
    found = await residents.resident_for_update(conn, resident_id)
    if found is None or found.closed_at is not None:
        raise closed()
    over = found.renewed()
    await residents.close_resident(conn, over, reason, now)
    ended = await resident_sessions.end_sessions(conn, "closed", now, resident_id=resident_id)
    await say_ended(conn, ended, "closed", now)
    publish(
        conn,
        ResidentClosed(
            resident_id=resident_id, revision=over.revision, occurred_at=now, reason=reason
        ),
    )


async def note_called(
    conn: Connection, office: Office, resident_id: UUID, person: FactsOfPerson
) -> None:
    """Remember how to address somebody whose signing certificate was read."""
    said = {"name": person.name, "birth_on": person.birth_on.isoformat()}
    sealed = office.keys.seal("identity", json.dumps(said, ensure_ascii=False))
    await residents.note_called(conn, resident_id, sealed)


def called(office: Office, resident: Resident) -> Called | None:
    """How the resident is addressed, if a signing certificate ever said."""
    if resident.called is None:
        return None
    said = json.loads(office.keys.unseal(resident.called))
    return Called(said["name"], date.fromisoformat(said["birth_on"]))


def sealed_person(office: Office, person: FactsOfPerson) -> str:
    """A person's facts, for identity alone."""
    said = {**asdict(person), "birth_on": person.birth_on.isoformat()}
    return office.keys.seal("identity", json.dumps(said, ensure_ascii=False))


def opened_person(office: Office, sealed: str) -> FactsOfPerson:
    """The facts that were sealed."""
    said = json.loads(office.keys.unseal(sealed))
    return FactsOfPerson(**{**said, "birth_on": date.fromisoformat(said["birth_on"])})
