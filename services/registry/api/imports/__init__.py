"""Imports over HTTP: hand a file in, see how far it has come, let it count or give it up; the lists that count."""

from chassis.web.routes import Route
from services.registry.api.imports import files, lists

routes: list[Route] = [*files.routes, *lists.routes]
