"""How contracts are shown to the desks."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.paging import Page
from contracts.values import FiscalYear, OrganisationKind
from services.registry.commands.signing import SYSTEM
from services.registry.model.agreement import Agreement, ContractState, Wanted
from services.registry.model.match import MatchState
from services.registry.model.match_acts import contract_acts
from services.registry.store import agreements, match_lists, matches, signing


class SignerView(BaseModel):
    """Somebody who signs, and how far they have come."""

    place: int
    side: OrganisationKind
    name: str
    organisation: str
    mail: str
    #: ``waiting``, ``asked``, ``opened``, ``agreed``, ``rejected`` or ``bounced``.
    state: str
    opened_at: AwareDatetime | None
    agreed_at: AwareDatetime | None


class WindowView(BaseModel):
    """When the signing service rests."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime


class ContractView(BaseModel):
    """A contract in full."""

    id: UUID
    match_id: UUID
    fiscal_year: FiscalYear
    match_state: MatchState
    municipality_name: str
    provider_name: str
    state: ContractState
    state_since: AwareDatetime
    reference: str
    title: str
    body: str
    valid_from: date
    valid_until: date
    file_digest: str | None
    signers: list[SignerView]
    #: What the signing service is being told: ``send``, ``remind``, ``cancel``.
    wanted: Wanted | None
    reason: str
    #: Sending waits until then.
    delayed_until: AwareDatetime | None
    mailed_at: AwareDatetime | None
    link_until: AwareDatetime | None
    link_expired_at: AwareDatetime | None
    reminded_count: int
    concluded_at: AwareDatetime | None
    ended_on: date | None
    #: The window of the signing service that is on, or comes next.
    window: WindowView | None
    #: What the one who asks may do now: ``edit``, ``send``, ``remind``, ``cancel``, ``notice``.
    acts: list[str]
    version: int


class ContractRow(BaseModel):
    """A contract in the secretariat's list."""

    id: UUID
    match_id: UUID
    fiscal_year: FiscalYear
    municipality_name: str
    provider_name: str
    title: str
    state: ContractState
    state_since: AwareDatetime
    delayed_until: AwareDatetime | None
    link_until: AwareDatetime | None
    valid_until: date
    #: Answers of the signing service that made no sense.
    oddities: int


class ContractRows(Page[ContractRow]):
    """A page of contracts, what moved last first."""


async def contract_view(
    conn: Connection, found: Agreement, side: OrganisationKind | None, now: datetime
) -> ContractView:
    """A contract in full, as one side or the secretariat sees it."""
    match = await matches.match(conn, found.match_id)
    names = await match_lists.names_of(conn, match.id)
    window = await signing.next_window(conn, SYSTEM, now)
    own = {f: getattr(found, f) for f in ContractView.model_fields if hasattr(found, f)}
    return ContractView.model_validate(
        {
            **own,
            **dict(names),
            "fiscal_year": match.fiscal_year,
            "match_state": match.state,
            "signers": [
                {f: getattr(s, f) for f in SignerView.model_fields}
                for s in await agreements.signers_of(conn, found.id)
            ],
            "window": dict(window) if window else None,
            "acts": contract_acts(found, side),
        }
    )
