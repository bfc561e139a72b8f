"""Providers read their private feed of orders, and look at one."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from chassis.database import Connection, reading
from chassis.feeds import Entry, Head, entries, head
from chassis.refusal import NotFound
from chassis.web import ACCESS, Answer, Ask, Query, Routes
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.benefits.api.lists import ListQuery, cursor_at, instant_after
from services.benefits.api.order_views import OrderRow, OrderRows, OrderView, order_view
from services.benefits.model.saga import OrderState
from services.benefits.store import order_lists, orders

routes = Routes("/api/v1/benefits", tag="benefits")

PROVIDER = {OrganisationKind.PROVIDER}
#: Who answers for a provider besides its own systems.
ANSWERERS = {Role.ADMIN, Role.OPERATOR, Role.TECHNICAL}
#: What an organisation's admin allows a machine client of a provider to do with orders.
SCOPES = {"benefits:orders"}


class ChangesQuery(Query):
    """From where on, and how many."""

    after: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0
    limit: int = Field(default=100, ge=1, le=500)


class OrderListQuery(ListQuery):
    """Orders in one state."""

    state: OrderState | None = None


class OrderEntry(BaseModel):
    """A fact about an order at its place in the provider's feed."""

    position: int
    event_id: str
    type: str
    subject: str
    revision: int
    recorded_at: str
    #: SHA-256 over the chain before it and this entry, as in the register's feed.
    chain: str
    data: dict[str, Any]
    #: Where to credit, while that is still to be done; outside the chain.
    service_account_id: str | None


class OrderChanges(BaseModel):
    """Entries in order; ``next`` goes into ``after`` of the next request."""

    next: int
    position: int
    entries: list[OrderEntry]


@routes.get("/orders/changes", organisation=PROVIDER, scopes=SCOPES)
async def order_changes(ask: Ask, query: ChangesQuery) -> OrderChanges:
    """The provider's own orders after a position, from 0 for ever."""
    feed = f"orders-{ask.organisation_id}"
    async with reading(ask.pool) as conn:
        found = await entries(conn, feed, query.after, query.limit)
        end = await head(conn, feed)
        ids = {UUID(entry.subject.partition("/")[2]) for entry in found}
        sealed = await order_lists.sealed_accounts(conn, ask.organisation_id, list(ids))
    accounts = {key: ask.app[ACCESS].unseal(text) for key, text in sealed.items()}
    return _changes(found, end, query.after, accounts)


@routes.get("/orders", organisation=PROVIDER, scopes=SCOPES)
async def provider_orders(ask: Ask, conn: Connection, query: OrderListQuery) -> OrderRows:
    """The provider's orders, what moved last first."""
    rows = await order_lists.order_page(
        conn,
        ask.organisation_id,
        state=query.state,
        after=instant_after(query.after),
        limit=query.limit + 1,
    )
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return OrderRows(
        items=[OrderRow.model_validate(dict(row)) for row in page],
        next=cursor_at(page[-1]["state_since"], page[-1]["id"]) if more else None,
        counts=await order_lists.state_counts(conn, ask.organisation_id),
    )


@routes.get("/orders/{order_id}", organisation=PROVIDER, scopes=SCOPES, answers=OrderView)
async def provider_order(ask: Ask, conn: Connection, order_id: UUID) -> Answer:
    """One order of the provider with every call and every answer."""
    found = await orders.order_of_provider(conn, ask.organisation_id, order_id)
    if found is None or found.revision == 0:
        raise NotFound("order-unknown", "この付与の依頼は見つかりません。")
    return Answer(await order_view(conn, found), etag=str(found.version))


def _changes(found: list[Entry], end: Head, after: int, accounts: dict[UUID, str]) -> OrderChanges:
    return OrderChanges(
        next=found[-1].position if found else after,
        position=end.position,
        entries=[
            OrderEntry(
                position=entry.position,
                event_id=str(entry.event_id),
                type=entry.type,
                subject=entry.subject,
                revision=entry.revision,
                recorded_at=entry.recorded_at,
                chain=entry.chain.hex(),
                data=orjson.loads(entry.body),
                service_account_id=accounts.get(UUID(entry.subject.partition("/")[2])),
            )
            for entry in found
        ],
    )
