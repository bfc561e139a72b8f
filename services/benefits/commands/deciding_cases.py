"""People decide cases: one where no money lies in suspense, two where it does."""

from datetime import datetime
from uuid import UUID

from chassis.database import Connection
from chassis.refusal import Conflict, Forbidden, Stale
from services.benefits.commands.cases import close
from services.benefits.store import cases
from services.benefits.store.cases import Case

#: What people may decide.
ACCEPTED, RETURNED, NO_ACTION = "accepted", "returned", "no_action"


async def take_over(
    conn: Connection, case_id: UUID, *, owner: str, by: str, expected: int | None
) -> Case:
    """Somebody takes care of a case."""
    case = _open(await cases.case(conn, case_id, lock=True), expected)
    await cases.assign(conn, case.id, owner, by)
    return await cases.case(conn, case_id)


async def decide(
    conn: Connection,
    case_id: UUID,
    resolution: str,
    *,
    by: str,
    at: datetime,
    expected: int | None,
) -> Case:
    """Decide, or propose what another person has to confirm where money lies in suspense."""
    case = _open(await cases.case(conn, case_id, lock=True), expected)
    if case.suspended and resolution == NO_ACTION:
        detail = "仮の勘定にお金があります。「認める」か「取り消してもらう」を選んでください。"
        raise Conflict("case-needs-money", detail)
    if case.suspended == 0:
        await close(conn, case, resolution, by=by, at=at)
    elif case.proposed != resolution:
        await cases.propose(conn, case.id, resolution, by)
    elif case.proposed_by == by:
        detail = "決定を提案した方とは別の方が確認してください。"
        raise Forbidden("same-person", detail)
    else:
        await close(conn, case, resolution, by=by, at=at, approved_by=case.proposed_by)
    return await cases.case(conn, case_id)


def _open(case: Case, expected: int | None) -> Case:
    if expected is not None and expected != case.version:
        detail = "ほかの方が先に進めました。いまの内容を読み直してから、もう一度お試しください。"
        raise Stale("version-stale", detail)
    if case.state != "open":
        raise Conflict("case-closed", "この確認事項は、もう決まっています。")
    return case
