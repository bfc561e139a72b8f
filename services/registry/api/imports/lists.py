"""Target lists (付与対象者リスト) of the own measures: which counts, and its lines as a file."""

from uuid import UUID

from chassis.database import Connection
from chassis.refusal import NotFound
from chassis.sheets import rows_csv
from chassis.web import Answer, Ask, Routes
from services.registry.api.imports.files import MUNICIPALITY, as_csv
from services.registry.api.imports.views import TargetListsView, list_view
from services.registry.api.registration import WRITERS
from services.registry.commands.imports.handing_in import measure_of
from services.registry.model.imports.columns import TARGET_COLUMNS
from services.registry.model.imports.limits import MOST_ROWS
from services.registry.store import targets

routes = Routes("/api/v1/registry", tag="registry")
_MOST = 20


@routes.get("/target-lists/{measure_id}", organisation=MUNICIPALITY, roles=WRITERS)
async def target_lists(ask: Ask, conn: Connection, measure_id: UUID) -> TargetListsView:
    """The list of a measure that counts, and the twenty before it."""
    await measure_of(conn, ask.organisation_id, measure_id)
    found = [list_view(one) for one in await targets.lists_of(conn, measure_id, _MOST)]
    return TargetListsView(
        measure_id=measure_id,
        current=next((one for one in found if one.replaced_at is None), None),
        earlier=[one for one in found if one.replaced_at is not None],
    )


@routes.get(
    "/target-lists/{measure_id}/targets.csv",
    organisation=MUNICIPALITY,
    roles=WRITERS,
    content_type="text/csv",
)
async def targets_csv(ask: Ask, conn: Connection, measure_id: UUID) -> Answer:
    """Everybody on the list that counts, in the columns an import takes."""
    await measure_of(conn, ask.organisation_id, measure_id)
    current = await targets.current_list(conn, measure_id)
    if current is None:
        raise NotFound("target-list-unknown", "この施策には、まだ対象者リストがありません。")
    lines = await targets.lines_of(conn, current.id, after=None, limit=MOST_ROWS)
    content = rows_csv(
        [column.heading for column in TARGET_COLUMNS],
        ([t.number, _plain(t.amount_yen), _plain(t.children)] for t in lines),
    )
    return as_csv(content, f"対象者リスト-第{current.version}版.csv")


def _plain(value: int | None) -> str:
    return "" if value is None else str(value)
