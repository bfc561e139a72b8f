"""What comes in over HTTP."""

from collections.abc import Callable, Mapping

from aiohttp import web

from chassis.access import Keys
from chassis.database import Pool
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app
from chassis.web.routes import Route
from services.benefits.api import (
    attendance,
    budget,
    cases,
    chain,
    evidence,
    invariants,
    link_stops,
    order_decisions,
    own_allocations,
    own_applications,
    own_data,
    own_desk,
    own_entitlements,
    own_links,
    proposals,
    provider_answers,
    provider_line,
    provider_orders,
    review,
    review_file,
    settlements,
    statements,
)
from services.benefits.outside.addresses import AddressBook

_MODULES = (
    own_applications,
    evidence,
    attendance,
    own_entitlements,
    own_allocations,
    own_data,
    own_desk,
    review,
    review_file,
    proposals,
    budget,
    chain,
    order_decisions,
    provider_orders,
    provider_answers,
    provider_line,
    statements,
    cases,
    link_stops,
    own_links,
    settlements,
    invariants,
)
ROUTES: list[Route] = [route for module in _MODULES for route in module.routes]


def application(
    pool: Pool,
    keys: Keys,
    *,
    addresses: AddressBook | None = None,
    run_id: str = "",
    ready: Callable[[], Mapping[str, str]] = dict,
    alive: Callable[[], Mapping[str, str]] = dict,
) -> web.Application:
    """Everything benefits answers."""
    app = new_app(
        "benefits",
        [*ROUTES, *speaker_routes],
        pool=pool,
        keys=keys,
        run_id=run_id,
        ready=ready,
        alive=alive,
    )
    app[provider_line.ADDRESSES] = addresses or AddressBook()
    return app
