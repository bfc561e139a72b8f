"""The HTTP application of the registry with what its handlers use."""

from collections.abc import Callable, Mapping

from aiohttp import web

from chassis.access import Keys
from chassis.database import Pool
from chassis.feeds import Watch
from chassis.speaker_api import routes as speaker_routes
from chassis.web import Answer, new_app
from services.registry.api import ROUTES
from services.registry.api.flights import Flights
from services.registry.api.kept import FINDER, FLIGHTS, GUIDELINES, PUBLIC_URL, STREAMS, WATCH
from services.registry.api.streams import Streams
from services.registry.commands.finding import Finder
from services.registry.model.checking import Guidelines


def application(
    pool: Pool,
    keys: Keys,
    *,
    guidelines: Guidelines,
    streams: Streams,
    finder: Finder | None = None,
    public_url: str = "",
    run_id: str = "",
    ready: Callable[[], Mapping[str, str]] = dict,
    alive: Callable[[], Mapping[str, str]] = dict,
) -> web.Application:
    """Everything the registry answers."""
    app = new_app(
        "registry",
        [*ROUTES, *speaker_routes],
        pool=pool,
        keys=keys,
        run_id=run_id,
        ready=ready,
        alive=alive,
    )
    app[GUIDELINES] = guidelines
    app[WATCH] = Watch(pool)
    app[STREAMS] = streams
    app[FINDER] = finder or Finder()
    app[PUBLIC_URL] = public_url
    app[FLIGHTS] = Flights[Answer]()
    app.on_shutdown.append(streams.close)
    return app
