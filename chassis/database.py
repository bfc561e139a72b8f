"""PostgreSQL: a pool, transactions, migrations. The driver is touched here and nowhere else."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from chassis.lending import lender_of, lending
from chassis.refusal import Refusal, Unavailable

_log = structlog.get_logger()

Record = asyncpg.Record
UniqueViolation = asyncpg.UniqueViolationError
CheckViolation = asyncpg.CheckViolationError
ForeignKeyViolation = asyncpg.ForeignKeyViolationError
RaisedByTrigger = asyncpg.RaiseError
LockTimeout = asyncpg.LockNotAvailableError
#: The database says that what was to be written cannot be so.
Refused = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.RaiseError,
    asyncpg.DataError,
)
#: Somebody else holds what we need; the same again in a moment may well succeed.
Contended = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
#: The database is away, going away or not yet back.
Away = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    ConnectionError,
)

#: How long a request waits for a free connection before it is told to come back.
_ACQUIRE_SECONDS = 2.0
_COMMAND_SECONDS = 10.0

if TYPE_CHECKING:
    Pool = asyncpg.Pool[Record]
    _DriverConnection = asyncpg.Connection[Record]
else:
    Pool = asyncpg.Pool
    _DriverConnection = asyncpg.Connection


class Connection(_DriverConnection):
    """A connection that knows what its transaction still has to do before and after COMMIT."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_commit: list[Callable[[Connection], Awaitable[None]]] = []
        self.after_commit: list[Callable[[], None]] = []
        #: What ``chassis.outbox`` gathers for the one statement before COMMIT.
        self.gathered: dict[str, Any] = {}

    def forget(self) -> None:
        """Start a transaction with nothing owed."""
        self.before_commit.clear()
        self.after_commit.clear()
        self.gathered.clear()

    def get_reset_query(self) -> str:
        """Nothing: we set no session state, and the round trip costs a third of a short request."""
        return ""


@asynccontextmanager
async def open_pool(url: str, *, size: int = 10, name: str = "machipo") -> AsyncIterator[Pool]:
    """Connections to one database, for as long as the block lasts."""
    pool = await asyncpg.create_pool(
        url,
        min_size=min(2, size),
        max_size=size,
        command_timeout=_COMMAND_SECONDS,
        connection_class=Connection,
        server_settings={
            "application_name": name,
            "lock_timeout": "4s",
            "statement_timeout": "15s",
            "idle_in_transaction_session_timeout": "20s",
            "search_path": "public",
            # Statements over unnest($1) look cheaper when planned for their very arguments, so that PostgreSQL
            # would plan each of them anew, every time (docs/decisions/0018).
            "plan_cache_mode": "force_generic_plan",
        },
    )
    try:
        with lending(pool):
            yield pool
    finally:
        pool.terminate()


@asynccontextmanager
async def connection_of(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of the pool; nobody waits for it for ever."""
    lender = lender_of(pool)
    try:
        conn = await lender.borrow(_ACQUIRE_SECONDS)
    except TimeoutError:
        raise Unavailable(
            "busy",
            "ただいま混み合っています。少し待ってからもう一度お試しください。",
            retry_after=2,
        ) from None
    try:
        yield conn
    except Refusal:
        # We refused between two statements, and what had begun was rolled back: nothing is under way.
        await lender.give_back(conn)
        raise
    except BaseException:
        # Stopped while it began a transaction, it would hand that on to the next, who would never commit it.
        await lender.send_back(conn)
        raise
    await lender.give_back(conn)


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """All of it or none; what was said in it is written in one statement just before COMMIT."""
    async with connection_of(pool) as conn:
        conn.forget()
        async with conn.transaction():
            yield conn
            for act in conn.before_commit:
                await act(conn)
        for wake in conn.after_commit:
            wake()
        conn.forget()


@asynccontextmanager
async def reading(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for single reads, without a transaction around them."""
    async with connection_of(pool) as conn:
        conn.forget()
        yield conn


async def migrate(owner_url: str, folders: Iterable[Path]) -> list[str]:
    """Bring a database up to the numbered SQL files of ``folders``; answer the names applied now.

    Each file runs in a transaction of its own, once. A file that was applied may never change again.
    """
    conn = await asyncpg.connect(owner_url)
    try:
        await conn.execute("SELECT pg_advisory_lock(hashtext('machipo.migrate'))")
        await conn.execute("SET lock_timeout = '4s'")
        await conn.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
        )
        done: dict[str, str] = {
            row["name"]: row["hash"]
            for row in await conn.fetch("SELECT name, hash FROM migrations")
        }
        applied = []
        for file in sorted(f for folder in folders for f in folder.glob("[0-9]*.sql")):
            if await _apply(conn, file, done):
                applied.append(file.name)
        return applied
    finally:
        await conn.close()


async def _apply(conn: _DriverConnection, file: Path, done: dict[str, str]) -> bool:
    name = f"{file.parent.parent.name}/{file.name}"
    text = file.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if name in done:
        if done[name] != digest:
            raise RuntimeError(f"migration {name} was changed after it had been applied")
        return False
    async with conn.transaction():
        await conn.execute(text)
        await conn.execute("INSERT INTO migrations (name, hash) VALUES ($1, $2)", name, digest)
    _log.info("migrated", migration=name)
    return True
