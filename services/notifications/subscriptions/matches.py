"""What the registry says about matches and contracts: letters to the other side, or to both."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from chassis.database import Connection
from contracts.event import Fact
from contracts.registry import (
    ContractBounced,
    ContractCancelled,
    ContractConcluded,
    ContractDelayed,
    ContractEnded,
    ContractFact,
    ContractLinkExpired,
    ContractRejected,
    ContractReminded,
    ContractSendFailed,
    ContractSent,
    MatchAccepted,
    MatchActivated,
    MatchDeclined,
    MatchEnded,
    MatchExpired,
    MatchFact,
    MatchProposed,
    MatchWithdrawn,
)
from contracts.values import OrganisationKind
from services.notifications.commands import organisations
from services.notifications.commands.letters import Desk
from services.notifications.model.writing import Value
from services.notifications.subscriptions.writing import Writer, cause_of


def _other(fact: MatchFact, by: OrganisationKind) -> UUID:
    ours = by is OrganisationKind.MUNICIPALITY
    return fact.provider_id if ours else fact.municipality_id


def _both(fact: MatchFact | ContractFact) -> tuple[UUID, UUID]:
    return fact.municipality_id, fact.provider_id


async def _tell(
    desk: Desk,
    conn: Connection,
    fact: MatchFact | ContractFact,
    template: str,
    readers: Iterable[UUID],
    values: Mapping[str, Value],
) -> None:
    """A letter to each reader, in which the other side is called by its name."""
    for reader in readers:
        partner = fact.provider_id if reader == fact.municipality_id else fact.municipality_id
        named = {"partner": await organisations.applicant_name(conn, partner), **values}
        await organisations.tell_organisation(conn, desk, cause_of(fact), reader, template, named)


async def _proposed(desk: Desk, conn: Connection, fact: MatchProposed) -> None:
    values: dict[str, Value] = {"answer_by": fact.answer_by}
    await _tell(desk, conn, fact, "match_proposed", [_other(fact, fact.by)], values)


async def _accepted(desk: Desk, conn: Connection, fact: MatchAccepted) -> None:
    await _tell(desk, conn, fact, "match_accepted", _both(fact), {})


async def _declined(desk: Desk, conn: Connection, fact: MatchDeclined) -> None:
    await _tell(desk, conn, fact, "match_declined", _both(fact), {"reason": fact.reason})


async def _withdrawn(desk: Desk, conn: Connection, fact: MatchWithdrawn) -> None:
    readers = [_other(fact, fact.by)]
    await _tell(desk, conn, fact, "match_withdrawn", readers, {"reason": fact.reason})


async def _expired(desk: Desk, conn: Connection, fact: MatchExpired) -> None:
    await _tell(desk, conn, fact, "match_expired", _both(fact), {})


async def _activated(desk: Desk, conn: Connection, fact: MatchActivated) -> None:
    values: dict[str, Value] = {"effective_on": fact.effective_on}
    await _tell(desk, conn, fact, "match_activated", _both(fact), values)


async def _match_ended(desk: Desk, conn: Connection, fact: MatchEnded) -> None:
    values: dict[str, Value] = {"effective_on": fact.effective_on, "reason": fact.reason}
    await _tell(desk, conn, fact, "match_ended", _both(fact), values)


async def _delayed(desk: Desk, conn: Connection, fact: ContractDelayed) -> None:
    readers = [fact.municipality_id]
    await _tell(desk, conn, fact, "contract_delayed", readers, {"until": fact.until})


async def _sent(desk: Desk, conn: Connection, fact: ContractSent) -> None:
    await _tell(desk, conn, fact, "contract_sent", _both(fact), {"link_until": fact.link_until})


async def _reminded(desk: Desk, conn: Connection, fact: ContractReminded) -> None:
    values: dict[str, Value] = {"link_until": fact.link_until}
    await _tell(desk, conn, fact, "contract_reminded", _both(fact), values)


async def _link_expired(desk: Desk, conn: Connection, fact: ContractLinkExpired) -> None:
    await _tell(desk, conn, fact, "contract_link_expired", [fact.municipality_id], {})


async def _bounced(desk: Desk, conn: Connection, fact: ContractBounced) -> None:
    await _tell(desk, conn, fact, "contract_bounced", [fact.municipality_id], {})


async def _send_failed(desk: Desk, conn: Connection, fact: ContractSendFailed) -> None:
    values = {"message": fact.message}
    await _tell(desk, conn, fact, "contract_send_failed", [fact.municipality_id], values)


async def _concluded(desk: Desk, conn: Connection, fact: ContractConcluded) -> None:
    values: dict[str, Value] = {
        "valid_from": fact.valid_from,
        "valid_until": fact.valid_until,
    }
    await _tell(desk, conn, fact, "contract_concluded", _both(fact), values)


async def _rejected(desk: Desk, conn: Connection, fact: ContractRejected) -> None:
    await _tell(desk, conn, fact, "contract_rejected", _both(fact), {"message": fact.message})


async def _cancelled(desk: Desk, conn: Connection, fact: ContractCancelled) -> None:
    await _tell(desk, conn, fact, "contract_cancelled", _both(fact), {"reason": fact.reason})


async def _ended(desk: Desk, conn: Connection, fact: ContractEnded) -> None:
    values: dict[str, Value] = {"ended_on": fact.ended_on, "reason": fact.reason}
    await _tell(desk, conn, fact, "contract_ended", _both(fact), values)


WRITERS: Mapping[type[Fact], Writer] = {
    MatchProposed: _proposed,
    MatchAccepted: _accepted,
    MatchDeclined: _declined,
    MatchWithdrawn: _withdrawn,
    MatchExpired: _expired,
    MatchActivated: _activated,
    MatchEnded: _match_ended,
    ContractDelayed: _delayed,
    ContractSent: _sent,
    ContractReminded: _reminded,
    ContractLinkExpired: _link_expired,
    ContractBounced: _bounced,
    ContractSendFailed: _send_failed,
    ContractConcluded: _concluded,
    ContractRejected: _rejected,
    ContractCancelled: _cancelled,
    ContractEnded: _ended,
}
