"""What comes in over HTTP."""

from chassis.web.routes import Route
from services.registry.api import (
    agreements,
    change_requests,
    changes,
    codes,
    contract_notices,
    counts,
    documents,
    downloads,
    entries,
    fitting,
    imports,
    lists,
    matches,
    measures,
    participation,
    partners,
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
        partners,
        fitting,
        matches,
        agreements,
        contract_notices,
    )
    for route in module.routes
]
