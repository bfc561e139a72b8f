"""The queue of a municipality's reviewers as a file; every applicant in it sees that it was taken."""

from collections.abc import AsyncIterator, Sequence

from chassis.clock import JAPAN
from chassis.database import Connection
from chassis.sheets import rows_csv
from chassis.web import Answer, Ask, Routes
from services.benefits.api.review import SHOWN, QueueQuery
from services.benefits.api.roles import MUNICIPALITY, REVIEWERS
from services.benefits.model.application import DECIDED_WITHIN, State
from services.benefits.store import reads, reviews
from services.benefits.store.reviews import Waiting

routes = Routes("/api/v1/benefits", tag="benefits")

_AT_ONCE = 500
_HEADINGS = (
    "受付番号",
    "施策",
    "ようす",
    "金額（円）",
    "受付日時",
    "約束の日",
    "書類の数",
    "承認待ちの案",
)
_STATES = {
    State.IN_REVIEW: "要確認",
    State.RETURNED: "書類待ち",
    State.AWAITING_PARTICIPATION: "参加の記録待ち",
    State.WAITING: "順番待ち",
    State.APPROVED: "承認",
    State.COMPLETED: "付与済",
    State.REJECTED: "不承認",
}


@routes.get(
    "/review/queue.csv", organisation=MUNICIPALITY, roles=REVIEWERS, content_type="text/csv"
)
async def review_queue_csv(ask: Ask, conn: Connection, query: QueueQuery) -> Answer:
    """Everything the queue shows, as CSV, from the first to the last; the applicants see that somebody took it."""
    rows = [_row(one) async for one in _queue(ask, conn, query)]
    headers = {
        "Content-Disposition": f'attachment; filename="reviews-{ask.today}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    content = rows_csv(_HEADINGS, rows)
    return Answer(content, content_type="text/csv; charset=utf-8", headers=headers)


async def _queue(ask: Ask, conn: Connection, query: QueueQuery) -> AsyncIterator[Waiting]:
    after = None
    while True:
        found = await reviews.queue(
            conn,
            ask.organisation_id,
            measure_id=query.measure_id,
            states=SHOWN[query.show],
            after=after,
            limit=_AT_ONCE,
        )
        await reads.add_list_reads(
            conn,
            [one.id for one in found],
            organisation_id=ask.organisation_id,
            actor=str(ask.principal),
            why="審査のため（一覧のダウンロード）",
            at=ask.now,
        )
        for one in found:
            yield one
        if len(found) < _AT_ONCE:
            return
        after = (found[-1].submitted_at, found[-1].id)


def _row(one: Waiting) -> Sequence[str]:
    submitted = one.submitted_at.astimezone(JAPAN)
    return (
        one.reference,
        one.title,
        _STATES.get(State(one.state), one.state),
        str(one.amount),
        f"{submitted:%Y-%m-%d %H:%M}",
        f"{submitted + DECIDED_WITHIN:%Y-%m-%d}",
        str(one.evidence),
        "はい" if one.proposed else "",
    )
