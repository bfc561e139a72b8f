"""Residents' cards: what is to be signed, what was signed, and what it proves.

Readings are good once by themselves, so nothing of these bodies is kept for replays (``idempotent=False``).
"""

from uuid import UUID

from chassis.database import Connection, reading, transaction
from chassis.refusal import Forbidden, Refusal, Unauthenticated
from chassis.web import Ask, Routes
from contracts.values import OrganisationKind
from services.identity.api.desk import CARD_READER, PREFIX, TAG, office, resident_id, session_id
from services.identity.api.views.cards import (
    AskChallengeBody,
    AssertionBody,
    ChallengeView,
    DeskView,
    ProofView,
    ReadSimulatedBody,
    ReadView,
    SimulatedCardsView,
    SimulatedCardView,
    decoded,
)
from services.identity.commands import cards, family, proving, resident_visits
from services.identity.commands.cards import no_such_challenge
from services.identity.model.assertions import USES, Purpose
from services.identity.model.residents import person_over
from services.identity.store import cards as kept_cards
from services.identity.store import resident_sessions

routes = Routes(PREFIX, tag=TAG)


@routes.post("/card/challenges", public=True, idempotent=False, status=201)
async def ask_challenge(ask: Ask, conn: Connection, body: AskChallengeBody) -> ChallengeView:
    """Something for a card to sign: for one purpose and target, once, within two minutes."""
    purpose = Purpose(body.purpose)
    session = await _session_for(ask, conn, purpose)
    made = await cards.ask(
        conn,
        purpose,
        body.target,
        session_id=session,
        desk_id=ask.visitor.desk_id if ask.visitor else None,
        now=ask.now,
    )
    if purpose is Purpose.APPLY:
        await _check_person(ask, conn, body.target)
    return ChallengeView(
        challenge_id=made.id,
        nonce=made.nonce.hex(),
        text_to_sign=made.text(office(ask).public_url),
        certificate=USES[purpose].value,
        expires_at=made.expires_at,
    )


async def _session_for(ask: Ask, conn: Connection, purpose: Purpose) -> UUID | None:
    """The session the reading is going to belong to: none before signing in, staff's at the start of a desk."""
    if purpose is Purpose.SIGN_IN:
        return None
    if ask.visitor is None:
        raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
    kind = "member" if purpose is Purpose.DESK else "resident"
    if ask.visitor.kind != kind or (
        kind == "member" and ask.visitor.organisation_kind is not OrganisationKind.MUNICIPALITY
    ):
        raise Forbidden("asker-kind", "この操作は、別の種類の方だけができます。")
    if kind == "member":
        return session_id(ask)
    session = await resident_sessions.session_for_update(conn, session_id(ask))
    if session is None or not session.alive(ask.now, resident_visits.idle_after(office(ask))):
        raise person_over()
    return session.id


async def _check_person(ask: Ask, conn: Connection, target: str) -> None:
    """An application is for oneself, or for a child one is confirmed to act for."""
    person_id = UUID(target.rpartition("/")[2])
    if person_id != resident_id(ask):
        await family.acts_for(conn, resident_id(ask), person_id, now=ask.now)


@routes.post("/card/assertions", kinds={"resident"}, idempotent=False)
async def show_assertion(ask: Ask, body: AssertionBody) -> ProofView:
    """Show what the card signed; the answer is the proof for the service that acts on it."""
    read = await cards.read(
        ask.pool,
        office(ask),
        body.challenge_id,
        decoded(body.certificate),
        decoded(body.signature),
        now=ask.now,
    )
    async with transaction(ask.pool) as conn:
        proof = await proving.prove(conn, office(ask), read, session_id(ask), now=ask.now)
    if isinstance(proof, Refusal):
        raise proof
    return ProofView(proof=proof)


@routes.get("/card/simulated", public=True)
async def simulated_cards(ask: Ask) -> SimulatedCardsView:
    """The cards of invented persons, where a simulator is set; real cards are never listed anywhere."""
    found = await ask.app[CARD_READER].cards()
    return SimulatedCardsView(items=[SimulatedCardView.model_validate(card) for card in found])


@routes.post("/card/simulated/readings", public=True, idempotent=False)
async def read_simulated(ask: Ask, body: ReadSimulatedBody) -> ReadView:
    """Let an invented person's card sign what a challenge asks for, where a simulator is set."""
    async with reading(ask.pool) as conn:
        challenge = await kept_cards.challenge(conn, body.challenge_id)
    if challenge is None:
        raise no_such_challenge()
    certificate, signature = await ask.app[CARD_READER].read(
        str(body.card_id),
        body.pin,
        USES[challenge.purpose].value,
        challenge.text(office(ask).public_url),
    )
    return ReadView(certificate=certificate, signature=signature)


@routes.get("/desk", organisation={OrganisationKind.MUNICIPALITY})
async def desk(ask: Ask, conn: Connection) -> DeskView:
    """How many people were helped today in this session of staff, and whether somebody still is."""
    own, account = session_id(ask), ask.organisation_id
    there = await resident_sessions.open_at(conn, own)
    alive = there is not None and there.alive(ask.now, resident_visits.idle_after(office(ask)))
    today = await resident_sessions.helped_on(conn, own, account, ask.today)
    return DeskView(today=today, busy=alive)
