"""Facts on their way in: a letter that cannot be written parks its fact, and holds up nobody else."""

import asyncio

from chassis.clock import now
from chassis.database import Pool, reading, transaction
from chassis.ids import new_id
from chassis.inbox import Applier
from contracts.event import Fact
from services.notifications.commands.letters import Desk
from services.notifications.subscriptions import subscriptions
from tests.notifications.rooms import Sealing, requested


async def arrive(pool: Pool, *facts: Fact) -> None:
    """Facts of identity lie in the inbox, stored and not applied."""
    async with transaction(pool) as conn:
        for number, fact in enumerate(facts, 1):
            await conn.execute(
                "INSERT INTO inbox (subject, revision, kind, number, event_id, type, body, recorded_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                f"identity.{fact.subject}",
                fact.revision,
                fact.kind(),
                number,
                new_id(),
                fact.type,
                fact.model_dump_json().encode(),
                now(),
            )


async def test_a_letter_that_lacks_a_value_is_parked_with_its_reason_and_holds_up_nobody(
    pool: Pool, desk: Desk, sealed: Sealing
) -> None:
    bad = requested(sealed("account_link", link=""))
    good = requested(sealed("account_link", to="taro@aoba.example"))
    await arrive(pool, bad, good)
    applier = Applier(pool, subscriptions(desk), asyncio.Event(), delays=())
    while await applier.turn():
        pass
    async with reading(pool) as conn:
        parked = await conn.fetch("SELECT subject, why FROM inbox WHERE state = 'parked'")
        written = await conn.fetch("SELECT address FROM deliveries")
    assert [row["subject"] for row in parked] == [f"identity.{bad.subject}"]
    assert "letter-value-missing" in parked[0]["why"] and "link" in parked[0]["why"]
    assert [row["address"] for row in written] == ["taro@aoba.example"]
