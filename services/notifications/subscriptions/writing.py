"""How a fact becomes the cause of a letter."""

from collections.abc import Awaitable, Callable
from typing import Any

from chassis.database import Connection
from contracts.event import Fact
from services.notifications.commands.letters import Desk
from services.notifications.model.letter import Cause

Writer = Callable[[Desk, Connection, Any], Awaitable[None]]


def cause_of(fact: Fact) -> Cause:
    """The fact as the cause of a letter."""
    return Cause(about=fact.subject, revision=fact.revision, at=fact.occurred_at)
