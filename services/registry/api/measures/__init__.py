"""Measures over HTTP: the municipality's desk, the secretariat's check, everybody's page."""

from chassis.web.routes import Route
from services.registry.api.measures import acts, checks, desk, public

routes: list[Route] = [*desk.routes, *acts.routes, *checks.routes, *public.routes]
