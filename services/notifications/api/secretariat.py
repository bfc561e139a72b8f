"""The secretariat's view: which mails are where, which need a person, how far each kind reached."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.clock import now
from chassis.database import Connection, Record
from chassis.paging import Page, after_of, cursor_of
from chassis.web import Ask, Query, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.notifications.api.wishes import veiled
from services.notifications.commands import mails
from services.notifications.model.delivery import Reason, State, needs_a_person
from services.notifications.store import attempts, deliveries
from services.notifications.store import reach as reaches

routes = Routes("/api/v1/notifications", tag="notifications")

_SECRETARIAT = {OrganisationKind.SECRETARIAT}
_ACTING = {Role.ADMIN, Role.EDITOR}


class DeliveriesQuery(Query):
    """Which mails, and how many."""

    after: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    state: State | None = None
    #: Only those a person has to look at: failed, or nobody knows.
    open: bool = False
    template: Annotated[str | None, Field(max_length=100)] = None


class DeliveryLine(BaseModel):
    """A mail in the list."""

    delivery_id: UUID
    letter_id: UUID
    subject: str
    template: str
    about: str
    organisation_id: UUID | None
    organisation_name: str | None
    #: Who it goes to; empty once forgotten.
    name: str
    address: str | None
    state: State
    reason: Reason | None
    #: What the mail server last said.
    answer: str
    attempts: int
    queued_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    #: Until when its one-time link works; after that it cannot be sent again.
    link_until: datetime | None
    #: Whether 再送 is possible now.
    can_be_sent_again: bool

    @classmethod
    def of(cls, row: Record, **more: Any) -> Self:
        """The line of a stored mail."""
        known = {name: row[name] for name in DeliveryLine.model_fields if name in row}
        if row["to_resident"] and row["address"] is not None:
            known["address"] = veiled(row["address"])
        again = needs_a_person(State(row["state"])) and row["address"] is not None
        alive = row["link_until"] is None or row["link_until"] > now()
        return cls(**known, can_be_sent_again=again and alive, **more)


class Attempt(BaseModel):
    """One try to send a mail."""

    attempt: int
    #: Who asked for it, if a person did.
    asked_by: str | None
    claimed_at: datetime
    #: When the text was handed to the mail server; without it the try did not get so far.
    handed_at: datetime | None
    finished_at: datetime | None
    outcome: str | None
    answer: str


class DeliveryView(DeliveryLine):
    """A mail with all its tries."""

    tries: list[Attempt]


class Reach(BaseModel):
    """How far one kind of letter reached: intended = delivered + failed + pending, always."""

    template: str
    subject: str
    intended: int
    delivered: int
    failed: int
    pending: int
    #: Those among ``pending`` whose fate nobody knows.
    unknown: int


class ReachView(BaseModel):
    """The reach of every kind of letter."""

    items: list[Reach]


@routes.get("/deliveries", organisation=_SECRETARIAT)
async def list_deliveries(conn: Connection, query: DeliveriesQuery) -> Page[DeliveryLine]:
    """Mails, newest first."""
    cursor = after_of(query.after, int)
    wanted = [s.value for s in State if needs_a_person(s)] if query.open else None
    rows = await deliveries.deliveries(
        conn,
        states=[query.state.value] if query.state else wanted,
        template=query.template,
        before=int(cursor[0]) if cursor else None,
        limit=query.limit + 1,
    )
    shown = rows[: query.limit]
    return Page[DeliveryLine](
        items=[DeliveryLine.of(row) for row in shown],
        next=cursor_of(shown[-1]["number"]) if len(rows) > query.limit else None,
    )


@routes.get("/deliveries/{delivery_id}", organisation=_SECRETARIAT)
async def delivery(conn: Connection, delivery_id: UUID) -> DeliveryView:
    """One mail and every try to send it."""
    return await _view(conn, delivery_id)


@routes.post("/deliveries/{delivery_id}/resend", organisation=_SECRETARIAT, roles=_ACTING)
async def resend(ask: Ask, conn: Connection, delivery_id: UUID) -> DeliveryView:
    """Send a mail once more (再送), even if it may arrive twice: a person decided so."""
    await mails.ask_again(conn, delivery_id, str(ask.principal), ask.now)
    return await _view(conn, delivery_id)


@routes.post("/deliveries/{delivery_id}/arrived", organisation=_SECRETARIAT, roles=_ACTING)
async def arrived(ask: Ask, conn: Connection, delivery_id: UUID) -> DeliveryView:
    """Note that a mail of unknown fate is there, as somebody made sure."""
    await mails.confirm_arrival(conn, delivery_id, ask.now)
    return await _view(conn, delivery_id)


@routes.get("/reach", organisation=_SECRETARIAT)
async def reach(conn: Connection) -> ReachView:
    """For each kind of letter: how many mails were meant, arrived, failed, are under way."""
    return ReachView(items=[Reach(**row) for row in await reaches.by_template(conn)])


async def _view(conn: Connection, delivery_id: UUID) -> DeliveryView:
    row = await deliveries.delivery(conn, delivery_id)
    tries = [Attempt(**row) for row in await attempts.attempts_of(conn, delivery_id)]
    return DeliveryView.of(row, tries=tries)
