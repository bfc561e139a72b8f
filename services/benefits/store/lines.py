"""How providers are reached, and how they have been answering."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
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


#: The columns of a line, in the order ``read_line`` takes them.
NAMES = (
    *("way", "url", "public_key", "visibility_seconds", "version"),
    *("failures", "openings", "failing_since", "open_until", "checks_accounts"),
)


async def line(conn: Connection, provider_id: UUID) -> KnownLine:
    """The line of a provider; who named none reads the feed."""
    row = await conn.fetchrow(
        f"SELECT {', '.join(NAMES)} FROM provider_lines WHERE provider_id = $1", provider_id
    )
    return read_line(provider_id, tuple(row)) if row else KnownLine(provider_id)


def read_line(provider_id: UUID, columns: Sequence[Any]) -> KnownLine:
    """A line from its columns."""
    way, url, key, visibility, version, *breaker, checks = columns
    span = timedelta(seconds=visibility)
    return KnownLine(provider_id, Way(way), url, key, span, version, Breaker(*breaker), checks)


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
