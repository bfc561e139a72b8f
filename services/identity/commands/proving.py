"""Proofs: a card read in a living session, for exactly one thing, by the person whose session it is."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.refusal import Forbidden, Refusal
from contracts.proof import PROOF, Proof, ProvenPerson
from contracts.proof import Purpose as ProofPurpose
from services.identity.commands.cards import Reading, lock
from services.identity.commands.family import acts_for
from services.identity.commands.office import Office
from services.identity.commands.resident_visits import end, idle_after
from services.identity.commands.residents import holder_if_known, note_called, opened_person
from services.identity.model.assertions import PROVEN, Purpose, Shown, another_card, check
from services.identity.model.facts_of_person import FactsOfPerson
from services.identity.model.residents import EndReason, ResidentSession, person_over
from services.identity.store import cards, resident_sessions


async def prove(
    conn: Connection, office: Office, reading: Reading, session_id: UUID, *, now: datetime
) -> str | Refusal:
    """A proof for other services. Another person's card ends a desk session, which is kept beside the refusal."""
    challenge = await lock(conn, reading)
    session = await resident_sessions.session_for_update(conn, session_id)
    if session is None:
        raise person_over()
    if challenge.purpose not in PROVEN:
        raise Forbidden("card-purpose", "この読み取りは別の手続きのためのものです。")
    holder = await holder_if_known(conn, reading, now=now)
    try:
        check(Shown(challenge, session, holder, idle_after(office), now))
    except Refusal as why:
        if session.desk and why.code == another_card().code:
            await end(conn, session.id, EndReason.ANOTHER_CARD, now=now)
            return why
        raise
    proof = await _proof(conn, office, reading, session, now)
    await cards.use_challenge(conn, challenge.id, reading.digest, now)
    await cards.add_proof(conn, proof, session)
    await resident_sessions.see_session(conn, session.id, now)
    return office.keys.attest(proof.model_dump_json().encode(), PROOF)


async def _proof(
    conn: Connection, office: Office, reading: Reading, session: ResidentSession, now: datetime
) -> Proof:
    person = None
    if reading.challenge.purpose is Purpose.APPLY and reading.certificate.person is not None:
        own = reading.certificate.person
        await note_called(conn, office, session.resident_id, own)
        person = await _applicant(conn, office, reading, session, own, now)
    return Proof(
        proof_id=new_id(),
        resident_id=session.resident_id,
        purpose=ProofPurpose(reading.challenge.purpose),
        target=reading.challenge.target,
        desk_id=session.desk.id if session.desk else None,
        staff_id=session.desk.staff_id if session.desk else None,
        assertion_hash=reading.digest.hex(),
        asserted_at=now,
        person=person,
    )


async def _applicant(
    conn: Connection,
    office: Office,
    reading: Reading,
    session: ResidentSession,
    own: FactsOfPerson,
    now: datetime,
) -> ProvenPerson:
    """The person the application is for: oneself, or a child one is confirmed to act for."""
    person_id = UUID(reading.challenge.target.rpartition("/")[2])
    if person_id == session.resident_id:
        return _proven(person_id, own)
    child = await acts_for(conn, session.resident_id, person_id, now=now)
    return _proven(person_id, opened_person(office, child))


def _proven(person_id: UUID, facts: FactsOfPerson) -> ProvenPerson:
    return ProvenPerson(
        person_id=person_id,
        name=facts.name,
        name_kana=facts.name_kana,
        birth_on=facts.birth_on,
        sex=facts.sex,
        municipality_code=facts.municipality_code,
        address=facts.address,
    )
