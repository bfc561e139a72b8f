"""The simulator as an aiohttp application."""

from aiohttp import web

from services.registry.signing_simulator.api import ERRANDS, MOODS, SHELF, add_api
from services.registry.signing_simulator.errands import Errands
from services.registry.signing_simulator.moods import Moods
from services.registry.signing_simulator.pages import routes
from services.registry.signing_simulator.shelf import Shelf


def new_app(shelf: Shelf, webhook_url: str = "") -> web.Application:
    """The API and the pages over a shelf."""
    app = web.Application(client_max_size=20 * 1024 * 1024)
    app[SHELF], app[MOODS], app[ERRANDS] = shelf, Moods(), Errands(webhook_url)
    add_api(app)
    app.add_routes(routes)
    return app
