"""The acts over the internal routes, for the operators' page."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chassis.database import Connection
from chassis.inbox.subscriptions import Subscriptions
from chassis.operator import acts
from chassis.web import Ask, Body, Query, Routes

_Subject = Annotated[str, Field(min_length=3, max_length=300)]
_Revision = Annotated[int, Field(ge=1, lt=2**62)]


class StuckQuery(Query):
    """Which facts to list."""

    state: Literal["parked", "held", "retry", "waiting", "ready"] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class ActBody(Body):
    """Which fact, and for whom."""

    subject: _Subject
    revision: _Revision
    #: The person behind the service that asks.
    actor: Annotated[str, Field(min_length=1, max_length=200)]


class EditBody(ActBody):
    """The new body of the fact, as JSON text."""

    body: Annotated[str, Field(max_length=65_536)]


class SkipBody(ActBody):
    """Why it may be left out."""

    because: Annotated[str, Field(min_length=1, max_length=2_000)]


class StuckFactView(BaseModel):
    """A fact in the inbox and why it is still there."""

    subject: str
    revision: int
    type: str
    state: str
    attempts: int
    why: str | None
    received_at: datetime
    request_id: str | None
    behind: int
    body: str


class StuckView(BaseModel):
    """Stuck facts, the longest stuck first."""

    items: list[StuckFactView]


def operator_routes(subscriptions: Subscriptions) -> Routes:
    """Routes under ``/internal/inbox`` for a service that listens by ``subscriptions``."""
    routes = Routes("/internal/inbox", tag="inbox")

    @routes.get("", internal=True)
    async def stuck(conn: Connection, query: StuckQuery) -> StuckView:
        """What is parked, held or tried again."""
        states = (query.state,) if query.state else acts.STATES
        found = await acts.listed(conn, states, query.limit)
        return StuckView(
            items=[StuckFactView.model_validate(f, from_attributes=True) for f in found]
        )

    @routes.post("/replay", internal=True)
    async def replay(ask: Ask, conn: Connection, body: ActBody) -> None:
        """Try a parked fact again."""
        await acts.replay(conn, _actor(ask, body), body.subject, body.revision)

    @routes.post("/edit", internal=True)
    async def edit(ask: Ask, conn: Connection, body: EditBody) -> None:
        """Put another body in the fact's place and try it."""
        key = (body.subject, body.revision)
        actor = _actor(ask, body)
        await acts.edit_and_replay(conn, subscriptions, actor, *key, body.body.encode())

    @routes.post("/skip", internal=True)
    async def skip(ask: Ask, conn: Connection, body: SkipBody) -> None:
        """Let the fact count without applying it."""
        await acts.skip(conn, _actor(ask, body), body.subject, body.revision, body.because)

    return routes


def _actor(ask: Ask, body: ActBody) -> str:
    return f"{body.actor} via {ask.principal.subject}"
