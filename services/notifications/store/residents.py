"""Residents: how each wants to be told, and the addresses they are asked about."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from services.notifications.model.timing import QuietHours

#: The address itself was refused, or the mail came back: whoever has it can mend that.
_BOUNCED = "coalesce(d.reason IN ('refused', 'address', 'returned'), false)"


async def resident(conn: Connection, resident_id: UUID, *, locked: bool = False) -> Record | None:
    """How a resident wants to be told; None where nothing was ever said."""
    return await conn.fetchrow(
        "SELECT resident_id, address, language, by_mail, quiet_from, quiet_until, asking, revision FROM residents"
        f" WHERE resident_id = $1 {'FOR UPDATE' if locked else ''}",
        resident_id,
    )


async def add_resident(conn: Connection, resident_id: UUID) -> None:
    """Somebody who may say how to be told; what was said before stays."""
    await conn.execute(
        "INSERT INTO residents (resident_id) VALUES ($1) ON CONFLICT DO NOTHING", resident_id
    )


async def save_wishes(
    conn: Connection,
    resident_id: UUID,
    *,
    language: str,
    by_mail: Collection[str],
    quiet: QuietHours | None,
) -> None:
    """In which language, what by mail, and when not."""
    await conn.execute(
        "UPDATE residents SET language = $2, by_mail = $3, quiet_from = $4, quiet_until = $5,"
        "       revision = revision + 1 WHERE resident_id = $1",
        resident_id,
        language,
        sorted(by_mail),
        quiet.begin if quiet else None,
        quiet.end if quiet else None,
    )


async def bounced_at(conn: Connection, resident_id: UUID, address: str) -> datetime | None:
    """When the latest mail to a resident at an address came back; None where it arrived, or none was sent."""
    found: datetime | None = await conn.fetchval(
        f"""
        SELECT CASE WHEN {_BOUNCED} THEN d.finished_at END
          FROM letters l JOIN deliveries d USING (letter_id)
         WHERE l.member_id = $1 AND d.state IN ('sent', 'failed') AND lower(d.address) = lower($2)
         ORDER BY d.finished_at DESC LIMIT 1
        """,
        resident_id,
        address,
    )
    return found


async def ask_bounced(conn: Connection, ask_id: UUID) -> bool:
    """Whether the mail that asks at an address came back."""
    return bool(
        await conn.fetchval(
            f"""
            SELECT EXISTS (SELECT FROM letters l JOIN deliveries d USING (letter_id)
                            WHERE l.about = 'address/' || $1::uuid AND {_BOUNCED})
            """,
            ask_id,
        )
    )


async def save_address(conn: Connection, resident_id: UUID, address: str | None) -> None:
    """Where mails go from now on, or that none go; whatever was asked is answered with it."""
    await conn.execute(
        "UPDATE residents SET address = $2, asking = NULL, revision = revision + 1"
        " WHERE resident_id = $1",
        resident_id,
        address,
    )


async def add_ask(
    conn: Connection, ask_id: UUID, resident_id: UUID, address: str, at: datetime
) -> None:
    """An address is asked about; the question before is void."""
    await conn.execute(
        "INSERT INTO address_asks (ask_id, resident_id, address, asked_at) VALUES ($1, $2, $3, $4)",
        ask_id,
        resident_id,
        address,
        at,
    )
    await conn.execute(
        "UPDATE residents SET asking = $2, revision = revision + 1 WHERE resident_id = $1",
        resident_id,
        ask_id,
    )


async def ask(conn: Connection, ask_id: UUID) -> Record | None:
    """A question about an address."""
    return await conn.fetchrow(
        "SELECT ask_id, resident_id, address, asked_at, confirmed_at FROM address_asks"
        " WHERE ask_id = $1",
        ask_id,
    )


async def end_ask(conn: Connection, ask_id: UUID, at: datetime) -> None:
    """The question was answered."""
    await conn.execute("UPDATE address_asks SET confirmed_at = $2 WHERE ask_id = $1", ask_id, at)


async def asked_since(conn: Connection, resident_id: UUID, address: str, since: datetime) -> int:
    """How often this resident asked, or this address was asked, whichever is more."""
    found: int = await conn.fetchval(
        """
        SELECT greatest(count(*) FILTER (WHERE resident_id = $1),
                        count(*) FILTER (WHERE lower(address) = lower($2)))
          FROM address_asks
         WHERE asked_at > $3 AND (resident_id = $1 OR lower(address) = lower($2))
        """,
        resident_id,
        address,
        since,
    )
    return found


async def forget_asks(conn: Connection, before: datetime) -> None:
    """Forget addresses that were asked about long ago."""
    await conn.execute("DELETE FROM address_asks WHERE asked_at < $1", before)


async def forget_resident(conn: Connection, resident_id: UUID) -> None:
    """Nothing is mailed to a resident any more."""
    await conn.execute("DELETE FROM residents WHERE resident_id = $1", resident_id)
