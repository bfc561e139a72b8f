"""The HTTP application of content with what its handlers use."""

from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from chassis.access import Keys
from chassis.database import Pool
from chassis.speaker_api import routes as speaker_routes
from chassis.web import new_app
from chassis.web.routes import Route
from services.content.api import ROUTES
from services.content.api.kept import PUBLIC_URL, SHELF
from services.content.outside import FileShelf


def application(
    pool: Pool,
    keys: Keys,
    *,
    shelf: FileShelf,
    public_url: str,
    more: Iterable[Route] = (),
    run_id: str = "",
    ready: Callable[[], Mapping[str, str]] = dict,
    alive: Callable[[], Mapping[str, str]] = dict,
) -> web.Application:
    """Everything content answers, and ``more``: what operators may do."""
    app = new_app(
        "content",
        [*ROUTES, *speaker_routes, *more],
        pool=pool,
        keys=keys,
        run_id=run_id,
        ready=ready,
        alive=alive,
    )
    app[SHELF] = shelf
    app[PUBLIC_URL] = public_url.rstrip("/")
    return app
