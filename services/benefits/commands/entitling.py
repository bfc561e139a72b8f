"""What the end of an order does to the entitlement it is for."""

from datetime import datetime

from chassis.database import Connection
from chassis.outbox import publish
from contracts.benefits import EntitlementRevoked
from services.benefits.commands import ledger
from services.benefits.commands.saying import of
from services.benefits.model.entitlement import State
from services.benefits.model.ledger import Code
from services.benefits.model.order import Order
from services.benefits.store import entitlements, measures, offers


async def take_back(conn: Connection, order: Order, *, actor: str, at: datetime) -> None:
    """What was granted was taken back: it is owed to nobody, and the yen are the municipality's again."""
    assert order.reservation_id is not None
    posted = await offers.post_of(conn, order.reservation_id)
    await ledger.reverse(
        conn, posted, key=f"take-back/{order.id}", code=Code.TAKE_BACK, actor=actor
    )
    found = await entitlements.entitlement(conn, order.entitlement_id, locked=True)
    await ledger.reverse(
        conn,
        found.posted_id,
        key=f"revoke/{found.id}",
        amount=order.amount,
        code=Code.LAPSE,
        actor=actor,
    )
    gone = found.stepped(State.REVOKED, at)
    await entitlements.save_entitlement(conn, gone)
    measure = await measures.measure(conn, gone.measure_id)
    publish(conn, EntitlementRevoked(**of(gone, measure), reason="reversed"))
