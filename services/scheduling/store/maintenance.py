"""Maintenance windows and their editions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Connection, Record
from chassis.refusal import NotFound
from services.scheduling.model.maintenance import Plan, State, Window

_COLUMNS = """
       w.id, w.series_id, w.system, w.functions, w.starts_at, w.ends_at, w.end_is_estimate, w.impact, w.state,
       w.state_since, w.announced_at, w.revision
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which windows a list is to hold; ``after`` is the place of the last one seen."""

    states: tuple[State, ...] = ()
    system: str | None = None
    newest_first: bool = False
    after: tuple[datetime, UUID] | None = None
    limit: int = 20


async def add_window(conn: Connection, window: Window) -> None:
    """Keep a window that was just announced."""
    await conn.execute(
        """
        INSERT INTO maintenance_windows (id, series_id, system, functions, starts_at, ends_at, end_is_estimate,
               impact, state, state_since, announced_at, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        *_values(window),
    )


async def save_window(conn: Connection, window: Window) -> None:
    """Write down where a window is now; the database lets it go only where it may."""
    await conn.execute(
        """
        UPDATE maintenance_windows
           SET series_id = $2, system = $3, functions = $4, starts_at = $5, ends_at = $6, end_is_estimate = $7,
               impact = $8, state = $9, state_since = $10, announced_at = $11, revision = $12
         WHERE id = $1
        """,
        *_values(window),
    )


async def add_edition(
    conn: Connection, window: Window, *, act: str, actor: str, note: str, changed: Iterable[str]
) -> None:
    """Keep what is now said about a window, beside all that was said before."""
    plan = window.plan
    await conn.execute(
        """
        INSERT INTO maintenance_editions (maintenance_id, revision, act, at, actor, note, changed, functions,
               starts_at, ends_at, end_is_estimate, impact)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        window.id,
        window.revision,
        act,
        window.state_since,
        actor,
        note,
        list(changed),
        list(plan.functions),
        plan.starts_at,
        plan.ends_at,
        plan.end_is_estimate,
        plan.impact,
    )


async def window(conn: Connection, maintenance_id: UUID) -> Window:
    """A window, by its id."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM maintenance_windows w WHERE w.id = $1", maintenance_id
    )
    return _found(row)


async def window_for_update(conn: Connection, maintenance_id: UUID) -> Window:
    """A window, locked until the transaction ends."""
    row = await conn.fetchrow(
        f"SELECT {_COLUMNS} FROM maintenance_windows w WHERE w.id = $1 FOR UPDATE", maintenance_id
    )
    return _found(row)


async def is_known(conn: Connection, maintenance_id: UUID) -> bool:
    """Whether there is a window of this id."""
    query = "SELECT EXISTS (SELECT FROM maintenance_windows WHERE id = $1)"
    return bool(await conn.fetchval(query, maintenance_id))


async def due_for_update(conn: Connection, at: datetime) -> Window | None:
    """The window whose time came first, locked; what another copy has locked is left to it."""
    row = await conn.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM maintenance_windows w
         WHERE (w.state IN ('announced', 'changed') AND w.starts_at <= $1)
            OR (w.state IN ('in_progress', 'extended') AND NOT w.end_is_estimate AND w.ends_at <= $1)
         ORDER BY w.starts_at, w.id LIMIT 1
           FOR UPDATE SKIP LOCKED
        """,
        at,
    )
    return _window(row) if row else None


async def windows(conn: Connection, wanted: Wanted) -> list[Window]:
    """Windows by their start."""
    order, beyond = ("DESC", "<") if wanted.newest_first else ("ASC", ">")
    at, last = wanted.after or (None, None)
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM maintenance_windows w
         WHERE ($1::text[] = '{{}}' OR w.state = ANY ($1))
           AND ($2::text IS NULL OR w.system = $2)
           AND ($3::timestamptz IS NULL OR (w.starts_at, w.id) {beyond} ($3, $4::uuid))
         ORDER BY w.starts_at {order}, w.id {order} LIMIT $5
        """,
        [s.value for s in wanted.states],
        wanted.system,
        at,
        last,
        wanted.limit,
    )
    return [_window(row) for row in rows]


async def overlapping(conn: Connection, since: datetime, until: datetime) -> list[Window]:
    """Windows that are not cancelled and touch a time."""
    rows = await conn.fetch(
        f"""
        SELECT {_COLUMNS} FROM maintenance_windows w
         WHERE w.state <> 'cancelled' AND w.starts_at < $2 AND w.ends_at > $1
         ORDER BY w.starts_at, w.id LIMIT 500
        """,
        since,
        until,
    )
    return [_window(row) for row in rows]


async def editions(conn: Connection, maintenance_id: UUID) -> list[Record]:
    """Everything that was said about a window, the first edition first."""
    return await conn.fetch(
        """
        SELECT revision, act, at, actor, note, changed, functions, starts_at, ends_at, end_is_estimate, impact
          FROM maintenance_editions WHERE maintenance_id = $1 ORDER BY revision
        """,
        maintenance_id,
    )


def _values(window: Window) -> tuple[object, ...]:
    plan = window.plan
    return (
        window.id,
        window.series_id,
        plan.system,
        list(plan.functions),
        plan.starts_at,
        plan.ends_at,
        plan.end_is_estimate,
        plan.impact,
        window.state,
        window.state_since,
        window.announced_at,
        window.revision,
    )


def _found(row: Record | None) -> Window:
    if row is None:
        raise NotFound("no-such-maintenance", "このメンテナンスは見つかりません。")
    return _window(row)


def _window(row: Record) -> Window:
    return Window(
        id=row["id"],
        series_id=row["series_id"],
        plan=Plan(
            system=row["system"],
            functions=tuple(row["functions"]),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            end_is_estimate=row["end_is_estimate"],
            impact=row["impact"],
        ),
        state=State(row["state"]),
        state_since=row["state_since"],
        announced_at=row["announced_at"],
        revision=row["revision"],
    )
