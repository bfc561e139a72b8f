"""A measure as everybody reads it, and its change record."""

from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.web import Answer, Routes
from contracts.registry import MeasureEntry
from services.registry.api.lists import etag_of
from services.registry.api.measures.views import VersionItem, version_items
from services.registry.model.measure.changes import Change, changes
from services.registry.model.measure.measure import Measure
from services.registry.model.measure.state import State
from services.registry.store import measure_history, measures

routes = Routes("/api/v1/registry", tag="registry")


class PublicMeasure(BaseModel):
    """A measure as it stands now."""

    measure_id: UUID
    #: ``scheduled``, ``open``, ``paused``, ``closed``, ``settling``, ``completed`` or ``cancelled``.
    state: State
    #: From when that is true.
    effective_at: AwareDatetime
    #: Of the last fact said about it.
    revision: int
    entry: MeasureEntry
    opened_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    #: Of a pause or an end, and the sentence people read.
    reason: str | None
    message: str
    #: People may apply, and nobody who does gets a place for now.
    used_up: bool
    versions: int


class MeasureVersionsView(BaseModel):
    """The change record of a measure, the newest version first."""

    measure_id: UUID
    items: list[VersionItem]


class MeasureVersionView(VersionItem):
    """One version of a measure, whole, and what it changed."""

    measure_id: UUID
    entry: MeasureEntry
    #: What is different from the version before; empty for the first.
    changes: list[Change]


@routes.get("/measures/{measure_id}", public=True, answers=PublicMeasure)
async def measure(conn: Connection, measure_id: UUID) -> Answer:
    """A measure as everybody reads it."""
    found, entry = await _public(conn, measure_id)
    view = PublicMeasure(
        measure_id=found.id,
        state=found.state,
        effective_at=found.effective_at or found.state_since,
        revision=found.revision,
        entry=entry,
        opened_at=found.opened_at,
        ended_at=found.ended_at,
        reason=found.reason,
        message=found.message,
        used_up=found.used_up_at is not None,
        versions=found.published_version,
    )
    return _shared(view)


@routes.get("/measures/{measure_id}/versions", public=True, answers=MeasureVersionsView)
async def versions(conn: Connection, measure_id: UUID) -> Answer:
    """Every version of a measure, with what each changed."""
    await _public(conn, measure_id)
    items = version_items(await measure_history.measure_versions(conn, measure_id))
    return _shared(MeasureVersionsView(measure_id=measure_id, items=items))


@routes.get("/measures/{measure_id}/versions/{number}", public=True, answers=MeasureVersionView)
async def version(conn: Connection, measure_id: UUID, number: int) -> Answer:
    """One version of a measure and its difference to the one before, field by field."""
    await _public(conn, measure_id)
    if not 0 < number < 2**31:
        raise NotFound("measure-version-unknown", "この版は見つかりません。")
    found = await measure_history.measure_version(conn, measure_id, number)
    before = (
        await measure_history.measure_version(conn, measure_id, number - 1) if number > 1 else None
    )
    view = MeasureVersionView(
        **dict(version_items([found])[0]),
        measure_id=measure_id,
        entry=found.entry,
        changes=changes(before.entry, found.entry) if before else [],
    )
    return _shared(view)


async def _public(conn: Connection, measure_id: UUID) -> tuple[Measure, MeasureEntry]:
    """The measure, if it is or was public; a draft is not there."""
    found = await measures.measure(conn, measure_id)
    if found.entry is None:
        raise NotFound("measure-unknown", "この施策は見つかりません。")
    return found, found.entry


async def public_entry(conn: Connection, measure_id: UUID) -> MeasureEntry:
    """The entry of a measure that is or was public."""
    return (await _public(conn, measure_id))[1]


def _shared(view: BaseModel) -> Answer:
    content = orjson.dumps(view.model_dump(mode="json"))
    return Answer(content, etag=etag_of(content), headers={"Cache-Control": "public, no-cache"})
