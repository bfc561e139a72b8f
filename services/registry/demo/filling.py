"""Fills an empty register, one organisation in each transaction; what is there already stays as it is."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

from chassis.clock import today
from chassis.database import Connection, Pool, reading, transaction
from contracts.values import OrganisationKind
from services.registry.demo.forms import consortium_form, municipality_form, provider_form
from services.registry.demo.matching import end_all, match_all, years, years_around_now
from services.registry.demo.measuring import fill_measures
from services.registry.demo.people import organisation_id_of
from services.registry.demo.playing import Play
from services.registry.demo.written import REGISTER, Row
from services.registry.model.checking import Guidelines
from services.registry.model.codes import DirectoryEntry
from services.registry.model.form import RegistrationForm
from services.registry.model.organisation import State
from services.registry.store import codes, organisations


async def fill(pool: Pool, guidelines: Guidelines) -> str:
    """Fill the register; how many organisations came in now, and how many measures went on."""
    rows = [
        *REGISTER["municipalities"],
        *REGISTER["providers"],
        *REGISTER["queue"],
        REGISTER["consortium"],
    ]
    async with reading(pool) as conn:
        directory = await codes.directory(conn, [row.get("code", "") for row in rows])
    added = 0
    for row in REGISTER["municipalities"]:
        added += await _one(pool, row, _municipality(row, directory, guidelines), _registered)
    consortium = consortium_form(REGISTER["consortium"], guidelines)
    added += await _one(pool, REGISTER["consortium"], consortium, _registered, is_provider=False)
    for row in REGISTER["providers"]:
        added += await _one(pool, row, provider_form(row, guidelines), _registered)
    for row in REGISTER["queue"]:
        form = (
            provider_form(row, guidelines)
            if "services" in row
            else _municipality(row, directory, guidelines)
        )
        added += await _one(pool, row, form, _waiting)
    moved = await _year_by_year(pool)
    return f"{added} organisations added to the demo register, {moved} measures went on"


async def _year_by_year(pool: Pool) -> int:
    """Matches, contracts, measures: those of a year that is over were carried by contracts that ended with it."""
    moved = 0
    for year in years():
        await match_all(pool, year)
        moved += await fill_measures(pool)
        await end_all(pool)
    return moved


def _municipality(
    row: Row, directory: dict[str, DirectoryEntry], guidelines: Guidelines
) -> RegistrationForm:
    return municipality_form(directory[row["code"]], guidelines)


async def _one(
    pool: Pool,
    row: Row,
    form: RegistrationForm,
    act: Callable[[Play, Row], Awaitable[None]],
    *,
    is_provider: bool | None = None,
) -> bool:
    """One organisation, unless it has begun already."""
    code = row.get("number") or row["code"]
    provider = "services" in row if is_provider is None else is_provider
    kind = OrganisationKind.PROVIDER if provider else OrganisationKind.MUNICIPALITY
    organisation_id = organisation_id_of(code)
    async with transaction(pool) as conn:
        if await _has_begun(conn, organisation_id):
            return False
        play = Play(conn, organisation_id, kind, code, form)
        await act(play, row)
    return True


async def _has_begun(conn: Connection, organisation_id: UUID) -> bool:
    if not await organisations.is_known(conn, organisation_id):
        return False
    found = await organisations.organisation(conn, organisation_id)
    return found.state is not State.DRAFT or found.submissions > 0 or found.version > 1


async def _registered(play: Play, row: Row) -> None:
    """It was handed in, reviewed and registered, and then lived on."""
    on = date.fromisoformat(row["on"])
    await play.begin(on - timedelta(days=12), account=row.get("account", False))
    await play.submit(on - timedelta(days=8))
    await play.take(on - timedelta(days=6))
    await play.approve(on)
    answers = row.get("participation", {})
    if "2023" in answers:
        await play.answer(2023, answers["2023"])
    for step in row.get("then", []):
        await play.go_on(step)
    if "now" in answers:
        for year in years_around_now():
            await play.answer(year, answers["now"])


async def _waiting(play: Play, row: Row) -> None:
    """It lies on the secretariat's desk, or came back from it, some days ago."""
    day = today() - timedelta(days=row["days"])
    await play.begin(day - timedelta(days=3), account=False)
    await play.submit(day)
    if row["state"] == "submitted":
        return
    await play.take(day + timedelta(days=1))
    if row["state"] == "rejected":
        await play.reject(day + timedelta(days=3), row["message"])
    if row["state"] in ("returned", "resubmitted"):
        await play.give_back(day + timedelta(days=2), row)
    if row["state"] == "resubmitted":
        await play.mend()
        await play.submit(day + timedelta(days=5))
