"""What comes in over HTTP."""

from chassis.web.routes import Route
from services.content.api import (
    desk_documents,
    desk_notices,
    documents,
    feeds,
    files,
    materials,
    notices,
)

ROUTES: list[Route] = [
    route
    for module in (notices, documents, materials, files, feeds, desk_notices, desk_documents)
    for route in module.routes
]
