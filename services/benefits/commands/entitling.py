"""What the end of an order does to the entitlement it is for."""

from datetime import datetime

from chassis.database import Connection
from chassis.outbox import publish
from contracts.benefits import ApplicationRevoked, EntitlementRevoked
from services.benefits.commands import ledger, reserving
from services.benefits.commands.saying import about, of
from services.benefits.model.application import State as ApplicationState
from services.benefits.model.eligibility import Reason
from services.benefits.model.entitlement import State
from services.benefits.model.ledger import Code
from services.benefits.model.order import Order
from services.benefits.store import applications, entitlements, measures, offers
from services.benefits.store.applications import Event


async def take_back(conn: Connection, order: Order, *, actor: str, at: datetime) -> None:
    """What was granted was taken back: it is owed to nobody, and the yen are the municipality's again."""
    assert order.reservation_id is not None
    posted = await offers.post_of(conn, order.reservation_id)
    await ledger.reverse(
        conn, posted, key=f"take-back/{order.id}", code=Code.TAKE_BACK, actor=actor
    )
    known = await entitlements.entitlement(conn, order.entitlement_id)
    application = await applications.application(conn, known.application_id, locked=True)
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
    done = application.stepped("revoke", ApplicationState.REVOKED, at, reason=Reason.OTHER)
    await reserving.free_place(conn, application, measure)
    event = Event(done.revision, "revoke", at, actor, reason=Reason.OTHER)
    await applications.save_application(conn, done, event)
    publish(conn, ApplicationRevoked(**about(done, measure), reason=Reason.OTHER))
