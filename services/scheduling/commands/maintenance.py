"""Maintenance is announced, changed, extended, finished, cancelled; and begins and ends by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import FieldError, Invalid
from contracts.scheduling import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceExtended,
    MaintenanceFact,
    MaintenanceFinished,
    MaintenanceStarted,
)
from services.scheduling.model.maintenance import PLANNED, Plan, State, Window, checked
from services.scheduling.model.recurrence import occurrences
from services.scheduling.store import maintenance

#: Who acts when nobody does: time itself.
TIME = "service/scheduling"


async def announce(
    conn: Connection,
    plan: Plan,
    *,
    by: str,
    now: datetime,
    maintenance_id: UUID | None = None,
    series_id: UUID | None = None,
) -> Window:
    """Plan a window, and say so."""
    window = Window(
        id=maintenance_id or new_id(),
        series_id=series_id,
        plan=checked(plan, now=now),
        state=State.ANNOUNCED,
        state_since=now,
        announced_at=now,
        revision=1,
    )
    await maintenance.add_window(conn, window)
    await _say(conn, window, MaintenanceAnnounced, act="announced", by=by)
    return window


async def announce_series(
    conn: Connection, plan: Plan, rule: str, *, zone: str, by: str, now: datetime
) -> list[Window]:
    """Plan a window that comes back: each time is a window of its own from the beginning."""
    plan = checked(plan, now=now)
    length = plan.ends_at - plan.starts_at
    series_id = new_id()
    times = occurrences(rule, plan.starts_at, zone)
    plans = [replace(plan, starts_at=at, ends_at=at + length) for at in times]
    for each, later in pairwise(plans):
        if later.starts_at < each.ends_at:
            detail = "くり返しの間隔より長いメンテナンスは登録できません。"
            raise Invalid(
                "fields-invalid", detail, errors=[FieldError("rule", "rule_overlaps", detail)]
            )
    return [await announce(conn, p, by=by, now=now, series_id=series_id) for p in plans]


async def change(
    conn: Connection,
    maintenance_id: UUID,
    plan: Plan,
    *,
    note: str,
    version: int | None,
    by: str,
    now: datetime,
) -> Window:
    """Another plan instead of the one that was said; what was said stays readable."""
    before = (await maintenance.window_for_update(conn, maintenance_id)).expected(version)
    window = before.changed(plan, now=now)
    changed = before.plan.differences(window.plan)
    if not changed:
        raise Invalid("nothing-changed", "いまの予定と同じ内容です。変えたい項目を直してください。")
    await maintenance.save_window(conn, window)
    await _say(conn, window, MaintenanceChanged, act="changed", by=by, note=note, changed=changed)
    return window


async def extend(
    conn: Connection,
    maintenance_id: UUID,
    until: datetime,
    *,
    estimate: bool,
    note: str,
    version: int | None,
    by: str,
    now: datetime,
) -> Window:
    """A window under way ends at another time than was said."""
    before = await _as_of(conn, maintenance_id, version, now)
    window = before.extended(until, estimate=estimate, now=now)
    await maintenance.save_window(conn, window)
    await _say(conn, window, MaintenanceExtended, act="extended", by=by, note=note)
    return window


async def finish(
    conn: Connection, maintenance_id: UUID, *, version: int | None, by: str, now: datetime
) -> Window:
    """A window under way is over now."""
    before = await _as_of(conn, maintenance_id, version, now)
    window = before.finished(now)
    await maintenance.save_window(conn, window)
    await _say(conn, window, MaintenanceFinished, act="finished", by=by)
    return window


async def cancel(
    conn: Connection,
    maintenance_id: UUID,
    *,
    note: str,
    version: int | None,
    by: str,
    now: datetime,
) -> Window:
    """A planned window does not take place."""
    window = await _as_of(conn, maintenance_id, version, now)
    window = window.cancelled(now=now)
    await maintenance.save_window(conn, window)
    await _say(conn, window, MaintenanceCancelled, act="cancelled", by=by, note=note)
    return window


async def turn(conn: Connection, *, now: datetime) -> Window | None:
    """Let the window whose time came first begin or end, as of its own instant; None when none is due."""
    window = await maintenance.due_for_update(conn, now)
    return await _turned(conn, window) if window else None


async def _as_of(
    conn: Connection, maintenance_id: UUID, version: int | None, now: datetime
) -> Window:
    """A window as it stands at ``now``, also where the job has not come by yet."""
    window = (await maintenance.window_for_update(conn, maintenance_id)).expected(version)
    while window.due(now):
        window = await _turned(conn, window)
    return window


async def _turned(conn: Connection, window: Window) -> Window:
    starting = window.state in PLANNED
    turned = window.started() if starting else window.finished(window.plan.ends_at)
    await maintenance.save_window(conn, turned)
    if starting:
        await _say(conn, turned, MaintenanceStarted, act="started", by=TIME)
    else:
        await _say(conn, turned, MaintenanceFinished, act="finished", by=TIME)
    return turned


async def _say(
    conn: Connection,
    window: Window,
    kind: type[MaintenanceFact],
    *,
    act: str,
    by: str,
    note: str = "",
    changed: Iterable[str] = (),
) -> None:
    await maintenance.add_edition(conn, window, act=act, actor=by, note=note, changed=changed)
    more: dict[str, Any] = {"note": note} if "note" in kind.model_fields else {}
    if "changed" in kind.model_fields:
        more["changed"] = tuple(changed)
    plan = window.plan
    fact = kind(
        maintenance_id=window.id,
        revision=window.revision,
        occurred_at=window.state_since,
        system=plan.system,
        functions=plan.functions,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        end_is_estimate=plan.end_is_estimate,
        impact=plan.impact,
        series_id=window.series_id,
        **more,
    )
    publish(conn, fact)
