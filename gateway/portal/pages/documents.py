"""The shelf of documents, and their reading copies."""

from aiohttp import web

from gateway.portal.routes import Pages
from gateway.portal.shelf import BY_SLUG, DOCUMENTS
from gateway.portal.visit import Refused, Visit

pages = Pages()
_HOME = ("/", "ホーム")


@pages.get("/documents")
async def shelf(visit: Visit) -> web.StreamResponse:
    """Every document by audience."""
    return visit.page("public/documents.html", "資料・要領", crumbs=(_HOME,), documents=DOCUMENTS)


@pages.get("/documents/{slug}")
async def document(visit: Visit) -> web.StreamResponse:
    """The reading copy of one document."""
    found = BY_SLUG.get(visit.part("slug"))
    if found is None:
        raise Refused(404)
    crumbs = (_HOME, ("/documents", "資料・要領"))
    return visit.page(f"guidelines/{found.slug}.html", found.title, crumbs=crumbs, document=found)
