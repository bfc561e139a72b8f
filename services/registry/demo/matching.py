"""Matches and contracts of the demo: in the year the list is shown for, and in the one it is."""

from datetime import date, timedelta
from uuid import UUID

from chassis.clock import now, today
from chassis.database import Connection, Pool, transaction
from chassis.ids import new_id
from contracts.principal import Principal, Role
from contracts.values import OrganisationKind
from services.registry.commands import agreements, matches
from services.registry.commands.agreements import Written
from services.registry.commands.matches import Actor, Proposal
from services.registry.commands.settling import settle
from services.registry.commands.signing import LEASE, Worker, know_document
from services.registry.demo.measure_forms import year_of
from services.registry.demo.people import instant, organisation_id_of
from services.registry.demo.written import MEASURES, OFFERED_BY
from services.registry.model.agreement import Signer
from services.registry.model.conditions import Conditions, DataField, Funding
from services.registry.model.fiscal_year import fiscal_year
from services.registry.model.match import Match, MatchService
from services.registry.model.signing import Document, DocumentStatus, Participant, SignerStatus
from services.registry.store import agreements as agreement_rows
from services.registry.store import matches as match_rows
from services.registry.store import organisations, register, signing

_HIDAMARI, _MINATO, _NAGISA = "6901700000011", "3901700000022", "9901700000033"
_KODAMA, _AOZORA = "6901700000044", "3901700000055"
#: municipality, provider, months after April in which they signed
_SIGNED = (
    ("372064", _HIDAMARI, 2),
    ("372064", _MINATO, 3),
    ("121002", _HIDAMARI, 2),
    ("121002", _KODAMA, 4),
    ("172031", _HIDAMARI, 3),
    ("172031", _MINATO, 3),
    ("252018", _NAGISA, 3),
    ("282014", _AOZORA, 4),
)
_LAST_SHOWN = 2023
#: When those sign who are named by a measure alone.
_IN_TIME = 3
_MANY = 1000
_CERTIFICATE = b"%PDF-1.4\n% certificate of the demo, signed by nobody\n%%EOF\n"
_CONDITIONS = Conditions(
    fee_basis_points=150,
    minimum_volume=1000,
    funding=Funding.INVOICE,
    cutoff_days=3,
    data_fields=(DataField.GRANTED_AT, DataField.GRANT_RESULT),
)


def years() -> list[int]:
    """The year the list is shown for, and those around now."""
    return [_LAST_SHOWN, *years_around_now()]


def years_around_now() -> list[int]:
    """The year it is, and in spring those of measures just over or about to begin."""
    touched = {year_of(row, today()) for row in MEASURES} - {_LAST_SHOWN}
    return sorted({fiscal_year(today()), *touched})


async def match_all(pool: Pool, year: int) -> int:
    """Everybody is matched with whom they are in a year; how many matches came in now."""
    added = 0
    for municipality, provider, months in _wanted(year):
        day = min(date(year, 4 + months, 10), today() - timedelta(days=5))
        async with transaction(pool) as conn:
            added += await _signed(conn, municipality, provider, year, day)
    if year == fiscal_year(today()):
        async with transaction(pool) as conn:
            added += await _waiting(conn, "172031", _NAGISA, year)
    return added


async def end_all(pool: Pool) -> None:
    """Contracts whose year is over end, each as of the day after its last."""
    async with transaction(pool) as conn:
        for contract_id in await agreement_rows.over(conn, today(), _MANY):
            contract = await agreement_rows.agreement(conn, contract_id)
            over = contract.valid_until + timedelta(days=1)
            await agreements.end_over(conn, contract_id, over, instant(over, 0))


def _wanted(year: int) -> list[tuple[str, str, int]]:
    """Who signs with whom in a year, and how many months after April: the pairs above, and whom measures need."""
    needed = {
        (row["code"], OFFERED_BY[service]): _IN_TIME
        for row in MEASURES
        for service in row["services"]
        if year_of(row, today()) == year
    }
    pairs = dict(sorted(needed.items())) | {(m, p): months for m, p, months in _SIGNED}
    return [(m, p, months) for (m, p), months in pairs.items()]


async def _signed(conn: Connection, municipality: str, provider: str, year: int, day: date) -> bool:
    """They agreed and signed."""
    match = await _proposed(conn, municipality, provider, year, day)
    if match is None:
        return False
    theirs, ours = _actor(match.provider_id, day, 11), _actor(match.municipality_id, day, 13)
    await matches.accept(conn, match.id, theirs, "よろしくお願いします。")
    written = Written(await _since(conn, match), date(year + 1, 3, 31), await _signers(conn, match))
    contract = await agreements.draft(conn, match.id, ours, written)
    await agreements.send(conn, contract.id, ours)
    await _sign(conn, contract.id, Worker(new_id(), instant(day, 16)))
    return True


async def _waiting(conn: Connection, municipality: str, provider: str, year: int) -> bool:
    """The provider proposed, and the municipality has not answered yet."""
    ours, theirs = organisation_id_of(municipality), organisation_id_of(provider)
    if await match_rows.ever(conn, ours, theirs, year):
        return False
    actor = Actor(_person(theirs), theirs, None, today(), now())
    await matches.propose(conn, actor, await _proposal(conn, ours, theirs, year))
    return True


async def _proposed(
    conn: Connection, municipality: str, provider: str, year: int, day: date
) -> Match | None:
    ours, theirs = organisation_id_of(municipality), organisation_id_of(provider)
    if await match_rows.ever(conn, ours, theirs, year):
        return None
    return await matches.propose(
        conn, _actor(ours, day, 9), await _proposal(conn, theirs, theirs, year)
    )


async def _proposal(conn: Connection, partner: UUID, provider: UUID, year: int) -> Proposal:
    offered = await register.services_of(conn, provider)
    services = tuple(MatchService(s.id, s.details.grant_types) for s in offered)
    message = "令和の施策でご一緒できればと考えています。条件をご覧ください。"
    return Proposal(partner, year, services, _CONDITIONS, message=message)


async def _since(conn: Connection, match: Match) -> date:
    """The first day of the year on which both were registered."""
    both = [
        await organisations.organisation(conn, one)
        for one in (match.municipality_id, match.provider_id)
    ]
    first = date(match.fiscal_year, 4, 1)
    return max([first, *(o.registered_on for o in both if o.registered_on)])


async def _signers(conn: Connection, match: Match) -> tuple[Signer, ...]:
    found = []
    for place, (side, one) in enumerate(
        (
            (OrganisationKind.MUNICIPALITY, match.municipality_id),
            (OrganisationKind.PROVIDER, match.provider_id),
        ),
        1,
    ):
        name = (await organisations.organisation(conn, one)).name or ""
        mail = f"keiyaku@{str(one)[-6:]}.example.jp"
        found.append(Signer(place, side, "見本 花子", name[:64], mail))
    return tuple(found)


async def _sign(conn: Connection, contract_id: UUID, worker: Worker) -> None:
    """The signing service says that everybody signed."""
    await signing.claim(conn, worker.id, at=worker.at, until=worker.at + LEASE, limit=1)
    contract = await agreement_rows.agreement(conn, contract_id)
    document = Document(
        id=f"demo-{contract.reference}",
        status=DocumentStatus.CONCLUDED,
        words=contract.reference,
        files=(contract.file_name,),
        participants=tuple(
            Participant(s.mail, SignerStatus.AGREED, worker.at)
            for s in await agreement_rows.signers_of(conn, contract_id)
        ),
        mailed_at=worker.at,
    )
    await know_document(conn, contract_id, worker, document.id)
    due = contract.look_at
    await settle(conn, contract_id, worker, document, _CERTIFICATE, due=due)
    await signing.let_go(conn, contract_id, worker.id)


def _actor(organisation_id: UUID, day: date, hour: int) -> Actor:
    return Actor(_person(organisation_id), organisation_id, None, day, instant(day, hour))


def _person(organisation_id: UUID) -> Principal:
    return Principal(
        kind="member",
        subject="01900000-0000-7000-8000-0000000de300",
        organisation_id=organisation_id,
        organisation_kind=OrganisationKind.MUNICIPALITY,
        roles=frozenset({Role.EDITOR}),
    )
