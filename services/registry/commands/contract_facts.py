"""Says what becomes of contracts, with the match that each belongs to."""

from datetime import datetime
from typing import Any

from chassis.database import Connection
from chassis.outbox import publish
from contracts.registry import ContractFact
from services.registry.model.agreement import Agreement
from services.registry.model.match import Match
from services.registry.store import agreements, matches


async def save_and_say(
    conn: Connection,
    kind: type[ContractFact],
    changed: Agreement,
    match: Match,
    **more: Any,
) -> None:
    """Keep the contract and say what became of it."""
    await agreements.save_agreement(conn, changed)
    publish(
        conn,
        kind.model_validate(
            {
                "contract_id": changed.id,
                "match_id": match.id,
                "municipality_id": match.municipality_id,
                "provider_id": match.provider_id,
                "revision": changed.revision,
                "occurred_at": changed.said_at,
                **more,
            }
        ),
    )


async def note_step(
    conn: Connection,
    agreement: Agreement,
    act: str,
    *,
    at: datetime,
    side: str = "system",
    actor: str = "system",
    message: str = "",
) -> None:
    """Write into the history of the match what happened to its contract."""
    await matches.add_step(
        conn,
        agreement.match_id,
        act,
        at=at,
        side=side,
        actor=actor,
        message=message[:2000],
        contract_id=agreement.id,
    )
