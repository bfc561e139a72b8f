"""Provisional accounts become full ones by themselves."""

from datetime import date, datetime

from chassis.database import Connection
from chassis.outbox import publish
from contracts.identity import AccountPromoted
from services.identity.model.accounts import Account
from services.identity.store import accounts


async def promote(conn: Connection, account: Account, *, now: datetime, today: date) -> Account:
    """Make a locked provisional account a full one, because its day has come."""
    account = account.promoted(today, now)
    await accounts.save_account(conn, account)
    publish(
        conn,
        AccountPromoted(
            account_id=account.id,
            revision=account.revision,
            occurred_at=now,
            organisation_kind=account.organisation_kind,
            organisation_code=account.organisation_code,
            organisation_name=account.organisation_name,
        ),
    )
    return account


async def promote_due(conn: Connection, *, now: datetime, today: date, limit: int = 100) -> int:
    """Promote accounts whose day has come; answers how many."""
    due = await accounts.due_for_promotion(conn, today, limit)
    for account in due:
        await promote(conn, account, now=now, today=today)
    return len(due)
