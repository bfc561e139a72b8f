"""Plays the measures of the demo through the commands people use, as far as contracts carry them."""

from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.clock import now, today
from chassis.database import Connection, Pool, transaction
from contracts.values import GrantType
from services.registry.commands import measure_course, measure_drafts, measure_review
from services.registry.commands.measure_record import Acting
from services.registry.demo.measure_forms import days_of, measure_form, year_of
from services.registry.demo.people import instant, organisation_id_of
from services.registry.demo.written import MEASURES, Row
from services.registry.model.measure.state import State
from services.registry.store import cover, measures

_DRAFTER, _APPROVER, _CLERK = (
    f"member/01900000-0000-7000-8000-0000000{who}" for who in ("d4af7", "a9906", "c1e46")
)


def measure_id_of(row: Row) -> UUID:
    """The id of a demo measure."""
    return UUID(f"01900000-0000-7000-8001-{row['key']:012}")


async def fill_measures(pool: Pool) -> int:
    """Begin every measure once, and take those on that a contract carries by now; how many moved."""
    moved = 0
    for row in MEASURES:
        async with transaction(pool) as conn:
            moved += await _one(conn, row)
    return moved


async def _one(conn: Connection, row: Row) -> bool:
    own, measure_id = organisation_id_of(row["code"]), measure_id_of(row)
    day = today()
    begun = not await measures.has_begun(conn, measure_id)
    first = days_of(row, day)[0]
    play = Play(conn, own, measure_id, min(instant(first, 9), now()) - timedelta(days=20))
    if begun:
        form = measure_form(row, day)
        await measure_drafts.begin(
            conn, own, dict(form), play.hand(_DRAFTER), measure_id=measure_id
        )
    found = await measures.measure(conn, measure_id)
    waits = found.state is State.DRAFT and row["state"] != "draft"
    if not waits or not await _is_carried(conn, own, row, day):
        return begun
    await play.on_to(row["state"])
    return True


async def _is_carried(conn: Connection, own: UUID, row: Row, day: date) -> bool:
    """Whether contracts carry every service of a measure on the day it opens."""
    kind = GrantType(row["amount"].get("grant_type", "fixed"))
    covered = await cover.covered_services(conn, own, year_of(row, day))
    named = [covered[code] for code in row["services"] if code in covered]
    carried = await cover.carried(conn, own, kind, days_of(row, day)[0])
    whole = len(named) == len(row["services"])
    return whole and all((s.payment_service_id, s.match_id) in carried for s in named)


class Play:
    """One measure on its way; every act follows the one before by an hour."""

    def __init__(self, conn: Connection, own: UUID, measure_id: UUID, begins: datetime) -> None:
        self._conn, self._own, self._id, self._at = conn, own, measure_id, begins

    def hand(self, who: str) -> Acting:
        """Somebody acts next."""
        self._at += timedelta(hours=1)
        return Acting(who, "secretariat" if who == _CLERK else "municipality", self._at)

    async def on_to(self, state: str) -> None:
        """The measure goes on until it is in a state, or as far as its days let it."""
        conn, own, measure_id = self._conn, self._own, self._id
        await measure_drafts.submit(conn, own, measure_id, self.hand(_DRAFTER))
        if state == "internal_review":
            return
        if state == "returned":
            message = "定員と予算の関係がわかるように、説明を書き足してください。"
            await measure_review.give_back(
                conn, own, measure_id, self.hand(_APPROVER), message=message
            )
            return
        await measure_review.approve(conn, own, measure_id, self.hand(_APPROVER))
        if state == "approved":
            return
        await measure_review.confirm(conn, measure_id, self.hand(_CLERK))
        # A measure whose days are over has opened, closed and been settled by now.
        while await measure_course.take_due(conn, measure_id, now()):
            pass
        self._at = now() - timedelta(hours=1)
        if state == "paused":
            message = "受け取り先の確認のため、新しい申込みを止めています。"
            await measure_course.pause(conn, own, measure_id, self.hand(_DRAFTER), message=message)
        if state == "completed":
            await measure_course.complete(conn, own, measure_id, self.hand(_DRAFTER))
