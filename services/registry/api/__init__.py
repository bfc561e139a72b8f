"""What comes in over HTTP."""

from chassis.web.routes import Route
from services.registry.api import (
    change_requests,
    changes,
    codes,
    counts,
    documents,
    downloads,
    entries,
    imports,
    lists,
    measures,
    participation,
    queue,
    registration,
    review,
)
from services.registry.api.search import check, files, pages

ROUTES: list[Route] = [
    route
    for module in (
        lists,
        downloads,
        entries,
        counts,
        codes,
        changes,
        registration,
        documents,
        imports,
        participation,
        change_requests,
        queue,
        review,
        measures,
        pages,
        files,
        check,
    )
    for route in module.routes
]
