"""Facts many may want to hear of, one module for each speaker's nouns; add a module to add news."""

from collections.abc import Mapping

from contracts.event import Fact
from services.notifications.subscriptions.announcing import (
    maintenance,
    measures,
    notices,
    register,
    sessions,
)
from services.notifications.subscriptions.writing import Writer

WRITERS: Mapping[type[Fact], Writer] = {
    **maintenance.WRITERS,
    **measures.WRITERS,
    **notices.WRITERS,
    **register.WRITERS,
    **sessions.WRITERS,
}
