"""A grant that came after its order was let go takes the entitlement's place, when nobody used that otherwise."""

from datetime import datetime

from chassis.database import Connection
from services.benefits.commands import cases, entitlements
from services.benefits.commands.cases import Contradiction, suspend_and_say
from services.benefits.model.answer import CaseKind
from services.benefits.model.order import Order
from services.benefits.model.saga import Money
from services.benefits.store import cases as kept
from services.benefits.store import entitlements as kept_entitlements


async def adopt(conn: Connection, order: Order, *, at: datetime) -> None:
    """The statement confirms a late grant: it counts as the grant of this entitlement.

    Unless its case was decided before: then what was decided stands beside the line, and a person looks.
    """
    late = Contradiction(CaseKind.LATE_GRANT, f"{order.state}: in the statement")
    order = await suspend_and_say(conn, order, late, at, money=Money.SUSPEND)
    waiting = await kept.open_cases_of(conn, order.id)
    if not any(case.transfer_id for case in waiting):
        decided = Contradiction(CaseKind.MISSING_HERE, f"{order.state}: in a later statement")
        await suspend_and_say(conn, order, decided, at, money=Money.NOTHING)
        return
    free = await kept_entitlements.entitlement(conn, order.entitlement_id, locked=True)
    await entitlements.hold(conn, free, order, now=at)
    for case in waiting:
        resolution = cases.ADOPTED if case.transfer_id is not None else cases.AGREED
        await cases.close(conn, case, resolution, by=cases.SERVICE, at=at)
    await entitlements.consume(
        conn,
        order.entitlement_id,
        order,
        granted=order.amount,
        service=order.payment_service_code,
        now=at,
    )
