"""How providers are reached, and how they have been answering."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from chassis.database import Connection
from services.benefits.model.breaker import Breaker
from services.benefits.model.order import Way


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A provider's line as it is kept."""

    provider_id: UUID
    way: Way = Way.FEED
    url: str = ""
    public_key: bytes | None = None
    visibility: timedelta = timedelta(seconds=60)
    version: int = 1
    breaker: Breaker = field(default_factory=Breaker)
    #: Whether it is asked about an account before the first order goes there.
    checks: bool = False

    @property
    def failing(self) -> bool:
        """Whether its last call came to nothing."""
        return self.breaker != Breaker()


async def lines(
    conn: Connection, provider_ids: Iterable[UUID], stand_in: KnownLine | None = None
) -> dict[UUID, KnownLine]:
    """The lines of providers; who named none reads the feed, or has the stand-in answer."""
    wanted = set(provider_ids)
    rows = await conn.fetch(
        "SELECT provider_id, way, url, public_key, visibility_seconds, version, failures, openings, failing_since,"
        "       open_until, checks_accounts FROM provider_lines WHERE provider_id = ANY($1::uuid[])",
        list(wanted),
    )
    found = {
        r["provider_id"]: KnownLine(
            r["provider_id"],
            Way(r["way"]),
            r["url"],
            r["public_key"],
            timedelta(seconds=r["visibility_seconds"]),
            r["version"],
            Breaker(r["failures"], r["openings"], r["failing_since"], r["open_until"]),
            r["checks_accounts"],
        )
        for r in rows
    }
    return {p: found.get(p) or _unnamed(p, stand_in) for p in wanted}


def _unnamed(provider_id: UUID, stand_in: KnownLine | None) -> KnownLine:
    return replace(stand_in, provider_id=provider_id) if stand_in else KnownLine(provider_id)


async def keep_line(conn: Connection, line: KnownLine) -> None:
    """Keep how a provider wants to be reached."""
    await conn.execute(
        """
        INSERT INTO provider_lines (provider_id, way, url, public_key, visibility_seconds, checks_accounts)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (provider_id) DO UPDATE
           SET way = excluded.way, url = excluded.url, public_key = excluded.public_key,
               visibility_seconds = excluded.visibility_seconds, checks_accounts = excluded.checks_accounts,
               version = provider_lines.version + 1
        """,
        line.provider_id,
        line.way,
        line.url,
        line.public_key,
        int(line.visibility.total_seconds()),
        line.checks,
    )


async def breaker_for_update(conn: Connection, provider_id: UUID) -> Breaker:
    """How a provider has been answering, locked."""
    row = await conn.fetchrow(
        "SELECT failures, openings, failing_since, open_until FROM provider_lines WHERE provider_id = $1 FOR UPDATE",
        provider_id,
    )
    return Breaker(*row) if row else Breaker()


async def save_breaker(conn: Connection, provider_id: UUID, breaker: Breaker) -> None:
    """Keep how a provider has been answering."""
    await conn.execute(
        """
        UPDATE provider_lines SET failures = $2, openings = $3, failing_since = $4, open_until = $5
         WHERE provider_id = $1
        """,
        provider_id,
        breaker.failures,
        breaker.openings,
        breaker.failing_since,
        breaker.open_until,
    )
