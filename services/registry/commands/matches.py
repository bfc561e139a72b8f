"""What a municipality and a provider do to work together: propose, accept, decline, withdraw."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection, UniqueViolation
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import Conflict, NotFound
from contracts.principal import Principal
from contracts.registry import (
    MatchAccepted,
    MatchDeclined,
    MatchExpired,
    MatchProposed,
    MatchWithdrawn,
)
from contracts.values import OrganisationKind
from services.registry.commands.match_checks import offered, partner, registered, takes_part
from services.registry.commands.match_facts import fields_of, say_active
from services.registry.model.conditions import Conditions
from services.registry.model.match import (
    MUNICIPALITY,
    Match,
    MatchService,
    MatchState,
    answer_day,
    year_for,
)
from services.registry.store import agreements, matches


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts for which organisation, when, and having seen which version."""

    by: Principal
    organisation_id: UUID
    expected: int | None
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """With whom, for which year, by which services and on which conditions."""

    partner_id: UUID
    fiscal_year: int
    services: tuple[MatchService, ...]
    conditions: Conditions
    answer_by: date | None = None
    message: str = ""


async def propose(conn: Connection, actor: Actor, proposal: Proposal) -> Match:
    """One side proposes to work together in a fiscal year."""
    own = await registered(conn, actor.organisation_id, "自団体")
    other = await partner(conn, own, proposal.partner_id)
    ours, theirs = (own, other) if own.kind is MUNICIPALITY else (other, own)
    year = year_for(proposal.fiscal_year, actor.today)
    await takes_part(conn, theirs.id, year)
    await offered(conn, theirs.id, proposal.services)
    match = Match(
        id=new_id(),
        municipality_id=ours.id,
        provider_id=theirs.id,
        fiscal_year=year,
        state=MatchState.PROPOSED,
        proposed_by=own.kind,
        answer_by=answer_day(proposal.answer_by, actor.today),
        conditions=proposal.conditions,
        effective_on=None,
        version=1,
        revision=1,
        created_at=actor.now,
        state_since=actor.now,
        said_at=actor.now,
    )
    await _add_alone(conn, match, proposal.services)
    await _step(conn, match, "proposed", own.kind, actor, proposal.message)
    fields = fields_of(match, actor.now)
    publish(
        conn,
        MatchProposed.model_validate({**fields, "by": own.kind, "answer_by": match.answer_by}),
    )
    return match


async def accept(conn: Connection, match_id: UUID, actor: Actor, message: str) -> Match:
    """The other side agrees; both are still registered, and the services still offered."""
    before, side = await _own(conn, match_id, actor)
    moment = before.moment(actor.now)
    after = before.accepted(side, today=actor.today, now=moment)
    await registered(conn, before.municipality_id, "自治体")
    await registered(conn, before.provider_id, "決済事業者")
    await takes_part(conn, before.provider_id, before.fiscal_year)
    await offered(conn, before.provider_id, tuple(await matches.services_of(conn, match_id)))
    await matches.save_match(conn, after)
    await _step(conn, after, "accepted", side, actor, message)
    publish(conn, MatchAccepted.model_validate(fields_of(after, moment)))
    return after


async def decline(conn: Connection, match_id: UUID, actor: Actor, message: str) -> Match:
    """The other side says no, and why."""
    before, side = await _own(conn, match_id, actor)
    moment = before.moment(actor.now)
    after = before.declined(side, now=moment)
    await matches.save_match(conn, after)
    await _step(conn, after, "declined", side, actor, message)
    publish(conn, MatchDeclined.model_validate({**fields_of(after, moment), "reason": message}))
    return after


async def withdraw(conn: Connection, match_id: UUID, actor: Actor, message: str) -> Match:
    """One side takes it back before a contract is being signed."""
    before, side = await _own(conn, match_id, actor)
    moment = before.moment(actor.now)
    after = before.withdrawn(side, now=moment)
    await agreements.drop_draft(conn, match_id, moment)
    await matches.save_match(conn, after)
    await _step(conn, after, "withdrawn", side, actor, message)
    publish(
        conn,
        MatchWithdrawn.model_validate({**fields_of(after, moment), "by": side, "reason": message}),
    )
    return after


async def expire(conn: Connection, match_id: UUID, today: date, now: datetime) -> Match | None:
    """Nobody answered; None if somebody did in the meantime."""
    before = await matches.match_for_update(conn, match_id)
    if before.state is not MatchState.PROPOSED or today <= before.answer_by:
        return None
    moment = before.moment(now)
    after = before.expired(today=today, now=moment)
    await matches.save_match(conn, after)
    await matches.add_step(conn, after.id, "expired", at=moment, side="system", actor="system")
    publish(conn, MatchExpired.model_validate(fields_of(after, moment)))
    return after


async def begin(conn: Connection, match_id: UUID, today: date, now: datetime) -> Match | None:
    """The contract of a match holds from today on; None if it does not any more."""
    before = await matches.match_for_update(conn, match_id)
    since = await agreements.since_of(conn, match_id)
    if before.state is not MatchState.CONTRACTED or since is None or since > today:
        return None
    moment = before.moment(now)
    after = before.activated(on=since, now=moment)
    await matches.save_match(conn, after)
    await matches.add_step(conn, after.id, "activated", at=moment, side="system", actor="system")
    await say_active(conn, after)
    return after


async def own_match(
    conn: Connection, match_id: UUID, organisation_id: UUID, *, lock: bool = False
) -> tuple[Match, OrganisationKind]:
    """A match of an organisation, and on which side it stands; strangers find nothing."""
    found = await (matches.match_for_update if lock else matches.match)(conn, match_id)
    side = found.side_of(organisation_id)
    if side is None:
        raise NotFound("match-unknown", "このマッチングは見つかりません。")
    return found, side


async def _own(conn: Connection, match_id: UUID, actor: Actor) -> tuple[Match, OrganisationKind]:
    found, side = await own_match(conn, match_id, actor.organisation_id, lock=True)
    return found.expected(actor.expected), side


async def _add_alone(conn: Connection, match: Match, services: tuple[MatchService, ...]) -> None:
    try:
        async with conn.transaction():
            await matches.add_match(conn, match, services)
    except UniqueViolation:
        detail = (
            "この相手とは、その年度のマッチングがすでにあります。一覧から開いて進めてください。"
        )
        raise Conflict("match-exists", detail) from None


async def _step(
    conn: Connection, match: Match, act: str, side: OrganisationKind, actor: Actor, message: str
) -> None:
    await matches.add_step(
        conn,
        match.id,
        act,
        at=match.said_at or actor.now,
        side=side,
        actor=str(actor.by),
        message=message,
    )
