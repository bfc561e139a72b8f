"""Says what becomes true of matches in public, and writes it into the list, in one go."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.database import Connection
from chassis.outbox import publish
from contracts.registry import (
    MatchActivated,
    MatchChanged,
    MatchedService,
    MatchEnded,
    MatchEntry,
    PublicMatchFact,
)
from services.registry.commands.measure_cover import look_again
from services.registry.commands.standing import occasion_of
from services.registry.model.items import ListName, match_line
from services.registry.model.match import Match, MatchState
from services.registry.store import agreements, listed, matches, organisations, register

#: What stands in the entry of a match from the entries of its two sides.
_OF_MUNICIPALITY = {"name": "municipality_name", "code": "municipality_code"}
_OF_PROVIDER = {"name": "provider_name", "code": "provider_number"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says of a match on a day, and where its municipality lies."""

    entry: MatchEntry
    prefecture_code: str | None


async def standing_of(conn: Connection, match: Match, since: date) -> Standing:
    """The public entry of a match, under the names of now."""
    municipality = await organisations.organisation(conn, match.municipality_id)
    provider = await organisations.organisation(conn, match.provider_id)
    ours, theirs = occasion_of(municipality).entry, occasion_of(provider).entry
    known = {s.id: s.details for s in await register.services_of(conn, match.provider_id)}
    entry = MatchEntry(
        municipality_id=match.municipality_id,
        municipality_code=ours.code,
        municipality_name=ours.name,
        provider_id=match.provider_id,
        provider_number=theirs.code,
        provider_name=theirs.name,
        fiscal_year=match.fiscal_year,
        services=tuple(
            MatchedService(
                payment_service_id=s.payment_service_id,
                code=known[s.payment_service_id].code,
                name=known[s.payment_service_id].name,
                grant_types=s.grant_types,
            )
            for s in await matches.services_of(conn, match.id)
        ),
        since=since,
    )
    return Standing(entry, ours.prefecture_code)


def fields_of(match: Match, at: datetime) -> dict[str, object]:
    """What every fact about a match carries."""
    return {
        "match_id": match.id,
        "municipality_id": match.municipality_id,
        "provider_id": match.provider_id,
        "fiscal_year": match.fiscal_year,
        "revision": match.revision,
        "occurred_at": at,
    }


async def say_active(conn: Connection, match: Match) -> None:
    """A concluded contract carries the match; it stands in the list from its day."""
    on, at = match.effective_on or match.state_since.date(), match.said_at or match.state_since
    found = await standing_of(conn, match, on)
    fact = MatchActivated.model_validate(
        {**fields_of(match, at), "effective_on": on, "entry": found.entry}
    )
    await _say_listed(conn, fact, found)


async def say_changed(
    conn: Connection, match: Match, since: date, changed: tuple[str, ...]
) -> None:
    """The entry of an active match is different."""
    on, at = match.effective_on or since, match.said_at or match.state_since
    found = await standing_of(conn, match, since)
    fact = MatchChanged.model_validate(
        {
            **fields_of(match, at),
            "effective_on": on,
            "entry": found.entry,
            "changed": changed,
        }
    )
    await _say_listed(conn, fact, found)


async def end_match(
    conn: Connection, match: Match, *, on: date, reason: str, now: datetime
) -> Match:
    """The contract carries the match no longer; what stood on it is looked at again."""
    moment = match.moment(now)
    ended = match.ended(on=on, now=moment)
    await matches.save_match(conn, ended)
    if match.state is MatchState.ACTIVE:
        found = await standing_of(conn, ended, match.effective_on or on)
        day = ended.effective_on or on
        publish(
            conn,
            MatchEnded.model_validate(
                {
                    **fields_of(ended, moment),
                    "effective_on": day,
                    "entry": found.entry,
                    "reason": reason,
                }
            ),
        )
        await listed.unlist_from(conn, ListName.MATCHES, match.id, on=day, known=moment)
    await look_again(conn, match.municipality_id, now)
    return ended


async def relist(
    conn: Connection,
    organisation_id: UUID,
    changed: Collection[str],
    services: Collection[str],
    *,
    on: date,
    now: datetime,
) -> None:
    """The active matches of an organisation stand in their list with what is different of it and its services."""
    for match_id in await matches.active_of(conn, organisation_id):
        match = await matches.match_for_update(conn, match_id)
        since = await agreements.since_of(conn, match_id) or on
        entry = (await standing_of(conn, match, since)).entry
        own = _OF_MUNICIPALITY if match.municipality_id == organisation_id else _OF_PROVIDER
        fields = [field for what, field in own.items() if what in changed]
        fields += ["services"] if {s.code for s in entry.services} & set(services) else []
        if fields:
            relisted = match.relisted(on=on, now=match.moment(now))
            await matches.save_match(conn, relisted)
            await say_changed(conn, relisted, since, tuple(fields))


async def _say_listed(conn: Connection, fact: PublicMatchFact, found: Standing) -> None:
    publish(conn, fact)
    line = match_line(fact.match_id, fact.entry, found.prefecture_code)
    await listed.list_from(conn, line, on=fact.effective_on, known=fact.occurred_at)
