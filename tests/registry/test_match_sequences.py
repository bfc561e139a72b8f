"""Whatever two municipalities and two providers do, in whichever order: one living match for each pair and year."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import now
from chassis.database import Connection, connection_of
from chassis.refusal import Refusal
from contracts.principal import Principal
from contracts.values import GrantType, OrganisationKind
from services.registry.commands import matches as commands
from services.registry.commands.matches import Actor, Proposal
from services.registry.model.conditions import Conditions, Funding
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.match import MatchService
from tests.registry.asking import Desk

_ACTS = ("propose", "accept", "decline", "withdraw", "expire")
_STEPS = st.lists(
    st.tuples(st.sampled_from(_ACTS), st.booleans(), st.booleans(), st.booleans()), max_size=12
)
_CONDITIONS = Conditions(fee_per_grant=10, funding=Funding.INVOICE, cutoff_days=1)
_LIVING = """
SELECT count(*) FROM matches
 WHERE state NOT IN ('declined', 'withdrawn', 'expired', 'ended')
 GROUP BY municipality_id, provider_id, fiscal_year
"""


@given(steps=_STEPS)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_sequence_makes_two_living_matches_of_a_pair(
    full: Desk, steps: list[tuple[str, bool, bool, bool]]
) -> None:
    async with connection_of(full.pool) as conn:
        tx = conn.transaction()
        await tx.start()
        try:
            sides, day = await _sides(conn, full.opened_on), full.opened_on
            for act, first, second, by_provider in steps:
                with suppress(Refusal):
                    async with conn.transaction():
                        pair = (sides[0][first], sides[1][second])
                        await _do(conn, act, pair, day, by_provider=by_provider)
                assert all(row[0] == 1 for row in await conn.fetch(_LIVING))
        finally:
            await tx.rollback()
            conn.forget()


async def _sides(conn: Connection, day: date) -> tuple[list[UUID], list[tuple[UUID, UUID]]]:
    ours = await conn.fetch(
        "SELECT id FROM organisations WHERE kind = 'municipality' AND state = 'registered' ORDER BY code DESC LIMIT 2"
    )
    theirs = await conn.fetch(
        "SELECT DISTINCT ON (p.provider_id) p.provider_id, p.id FROM payment_services p"
        " JOIN participations t ON t.provider_id = p.provider_id AND t.fiscal_year = $1 AND t.participating"
        " WHERE p.state = 'registered' AND p.details->'grant_types' ? 'fixed' LIMIT 2",
        fiscal_year(day),
    )
    return [row["id"] for row in ours], [(row[0], row[1]) for row in theirs]


async def _do(
    conn: Connection,
    act: str,
    pair: tuple[UUID, tuple[UUID, UUID]],
    day: date,
    *,
    by_provider: bool,
) -> None:
    municipality, (provider, service) = pair
    own, other = (provider, municipality) if by_provider else (municipality, provider)
    actor = Actor(_somebody(own), own, None, day, now())
    if act == "propose":
        wanted = (MatchService(service, (GrantType.FIXED,)),)
        proposal = Proposal(other, fiscal_year(day), wanted, _CONDITIONS)
        await commands.propose(conn, actor, proposal)
        return
    for row in await conn.fetch(
        "SELECT id FROM matches WHERE municipality_id = $1 AND provider_id = $2 ORDER BY created_at DESC LIMIT 1",
        municipality,
        provider,
    ):
        await _answer(conn, act, row["id"], actor)


async def _answer(conn: Connection, act: str, match_id: UUID, actor: Actor) -> None:
    acts: dict[str, Any] = {
        "accept": commands.accept,
        "decline": commands.decline,
        "withdraw": commands.withdraw,
    }
    if act == "expire":
        later = actor.today + timedelta(days=30)
        await commands.expire(conn, match_id, later, now())
        return
    await acts[act](conn, match_id, actor, "理由")


def _somebody(organisation_id: UUID) -> Principal:
    return Principal(
        kind="member",
        subject="somebody",
        organisation_id=organisation_id,
        organisation_kind=OrganisationKind.MUNICIPALITY,
        roles=frozenset(),
    )
