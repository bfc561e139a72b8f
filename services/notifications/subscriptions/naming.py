"""What the registry calls measures and payment services: letters to residents use the words people know."""

from collections.abc import Mapping

from chassis.database import Connection
from contracts import registry
from contracts.event import Fact, facts_of
from contracts.registry import MeasureFact, PaymentServiceFact
from services.notifications.commands.letters import Desk
from services.notifications.model.address import one_line
from services.notifications.store import names
from services.notifications.subscriptions.writing import Writer


async def _measure(desk: Desk, conn: Connection, fact: MeasureFact) -> None:
    await names.save_measure(conn, fact.measure_id, fact.municipality_id, one_line(fact.title))


async def _service(desk: Desk, conn: Connection, fact: PaymentServiceFact) -> None:
    entry = fact.entry
    await names.save_service(conn, fact.payment_service_id, entry.code, one_line(entry.name))


_SAID = facts_of(registry).values()
WRITERS: Mapping[type[Fact], Writer] = {
    **{fact: _measure for fact in _SAID if issubclass(fact, MeasureFact)},
    **{fact: _service for fact in _SAID if issubclass(fact, PaymentServiceFact)},
}
