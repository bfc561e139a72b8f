"""The map and the services agree: what a service offers to people can be reached, by those it is meant for."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from chassis.web import Routes
from chassis.web.routes import Route as Operation
from deploy.local.stack import service_names
from gateway.edge.routes import ROUTES, kinds, route_of

SERVICES = service_names()


def operations(service: str) -> Iterator[Operation]:
    """Everything ``service`` offers to others than services."""
    package = importlib.import_module(f"services.{service}.api")
    names = pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}.")
    for module in [package, *(importlib.import_module(found.name) for found in names)]:
        for value in vars(module).values():
            if isinstance(value, Routes):
                yield from (route for route in value if not route.access.internal)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_lies_on_the_map_for_those_it_is_meant_for(service: str) -> None:
    offered = list(operations(service))
    assert offered
    for operation in offered:
        place = f"{operation.method} {operation.path}"
        route = route_of(operation.path)
        assert route is not None, place
        assert route.service == service, place
        assert operation.method in route.methods, place
        assert operation.access.public == (operation.method in route.public), place
        assert set(operation.takes) <= route.media, place
        if "body" in operation.wants:
            assert route.body >= min(operation.body_limit, 256 * 1024), place
        if operation.takes:
            assert route.body >= operation.body_limit, place


def test_nothing_internal_is_on_the_map() -> None:
    assert all(route.prefix.startswith("/api/v1/") for route in ROUTES)
    assert route_of("/internal/sessions") is None
    assert route_of("/api/v1/identity/internal") is None


def test_only_public_reads_are_kept_and_only_by_kinds_that_are_said() -> None:
    assert kinds() <= {
        "registry.organisation",
        "registry.payment_service",
        "registry.participation",
        "registry.match",
        "registry.measure",
        "scheduling.maintenance",
        "scheduling.session",
        "content.notice",
        "content.document",
    }
    for route in ROUTES:
        if route.kept is not None:
            assert "GET" in route.public, route.prefix
            assert not route.streams, route.prefix
