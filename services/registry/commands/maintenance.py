"""What the registry knows of maintenance windows (システムメンテナンス) of the systems it depends on."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from services.registry.commands.signing import SYSTEM
from services.registry.store import signing


async def heard(
    conn: Connection,
    window_id: UUID,
    *,
    system: str,
    starts_at: datetime,
    ends_at: datetime,
    over: bool,
    now: datetime,
) -> None:
    """Keep a window of the signing service as it was said last; what waited for it is looked at again."""
    if system != SYSTEM:
        return
    await signing.keep_window(
        conn, window_id, system=system, starts_at=starts_at, ends_at=ends_at, over=over
    )
    await signing.wake_the_delayed(conn, now)
