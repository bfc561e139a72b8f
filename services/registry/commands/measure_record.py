"""What every act on a measure does besides deciding: finds it, keeps it, notes the step, says the fact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import CheckViolation, Connection
from chassis.outbox import publish
from chassis.refusal import Conflict, NotFound
from contracts.principal import Principal
from contracts.registry import PublicMeasureFact
from services.registry.model.measure.form import MeasureForm
from services.registry.model.measure.measure import Measure
from services.registry.store import measure_history, measures
from services.registry.store.measure_history import MeasureStep, MeasureVersion

#: Who acts when time has passed or a contract has ended.
ITSELF = "service/registry"


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts on a measure, for which side, when, and having seen which version."""

    by: str
    side: str
    now: datetime
    expected: int | None = None

    @classmethod
    def person(cls, by: Principal, *, expected: int | None, now: datetime) -> "Acting":
        """Somebody who signed in."""
        return cls(str(by), str(by.organisation_kind), now, expected)

    @classmethod
    def itself(cls, now: datetime) -> "Acting":
        """The registry, because of what became due or true."""
        return cls(ITSELF, "system", now)


async def own_measure(
    conn: Connection, municipality_id: UUID, measure_id: UUID, acting: Acting
) -> Measure:
    """A measure of a municipality, locked, as the client saw it; another's is not there."""
    found = await measures.measure_for_update(conn, measure_id)
    if found.municipality_id != municipality_id:
        raise NotFound("measure-unknown", "この施策は見つかりません。")
    return found.expected(acting.expected)


async def keep(
    conn: Connection,
    changed: Measure,
    act: str,
    acting: Acting,
    *,
    message: str = "",
    reason: str | None = None,
) -> None:
    """Save what an act made of a measure, and note the step."""
    try:
        async with conn.transaction():
            await measures.save_measure(conn, changed)
    except CheckViolation as why:
        if getattr(why, "constraint_name", None) != "measure_cover":
            raise
        # A contract ended while we decided.
        raise not_covered() from None
    at = changed.said_at if changed.said_at and changed.said_at > acting.now else acting.now
    step = MeasureStep(at, act, acting.by, acting.side, message, reason)
    await measure_history.add_measure_step(conn, changed.id, step)


async def keep_version(
    conn: Connection,
    changed: Measure,
    acting: Acting,
    *,
    form: MeasureForm,
    fields: tuple[str, ...],
    note: str,
) -> None:
    """Keep what is in force now as a version of its own."""
    if changed.entry is None or changed.effective_at is None:
        raise RuntimeError("a version is kept of what is in force")
    drafted = acting.by != ITSELF
    version = MeasureVersion(
        number=changed.published_version,
        entry=changed.entry,
        form=form,
        effective_at=changed.effective_at,
        changed=fields,
        note=note,
        drafted_by=changed.drafted_by if drafted else (),
        approved_by=changed.approved_by if drafted else None,
        confirmed_by=acting.by,
    )
    await measure_history.add_measure_version(conn, changed.id, version)


def say(conn: Connection, fact: type[PublicMeasureFact], became: Measure, /, **more: Any) -> None:
    """Say a public fact about what a measure has become."""
    publish(
        conn,
        fact.model_validate(
            {
                "measure_id": became.id,
                "municipality_id": became.municipality_id,
                "title": became.title,
                "revision": became.revision,
                "occurred_at": became.said_at,
                "effective_at": became.effective_at,
                "entry": became.entry,
                **more,
            }
        ),
    )


def not_covered() -> Conflict:
    """Why a measure may not open."""
    return Conflict(
        "measure-not-covered",
        "この施策を受け持つ、有効な契約がありません。決済事業者との契約を確かめてください。",
    )
