"""What comes in over HTTP."""

from collections.abc import Callable, Mapping

from aiohttp import web

from chassis.access import Keys
from chassis.database import Pool
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app
from chassis.web.routes import Route
from services.scheduling.api import (
    calendar,
    deadlines,
    feeds,
    maintenance,
    planning,
    sessions,
    sign_ups,
    site,
)

ROUTES: list[Route] = [
    route
    for module in (maintenance, sessions, sign_ups, planning, site, calendar, deadlines, feeds)
    for route in module.routes
]


def application(
    pool: Pool,
    keys: Keys,
    *,
    run_id: str = "",
    ready: Callable[[], Mapping[str, str]] = dict,
    alive: Callable[[], Mapping[str, str]] = dict,
) -> web.Application:
    """Everything scheduling answers."""
    return new_app(
        "scheduling",
        [*ROUTES, *speaker_routes],
        pool=pool,
        keys=keys,
        run_id=run_id,
        ready=ready,
        alive=alive,
    )
