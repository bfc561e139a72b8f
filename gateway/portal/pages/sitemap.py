"""The map of the site for machines: pages of the portal's own, and those of notices, documents and sessions."""

import asyncio
import xml.etree.ElementTree as ET

from aiohttp import web

from gateway.portal.copies import copy_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages()
_NAMES = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: Pages that begin something of one's own, or only lead on.
_PRIVATE = ("/my", "/signin", "/accounts/", "/follow", "/measures/follow", "/feeds", "/files")
_SESSIONS = {"state": "all", "order": "latest", "limit": "200"}


def own_paths(app: web.Application) -> list[str]:
    """The public pages whose address is always the same: those that exist in other languages, too."""
    read = (route for route in app.router.routes() if route.method == "GET")
    plain = {r.resource.get_info().get("path", "") for r in read if r.resource is not None}
    public = {p.removeprefix("/en") for p in plain if p.startswith("/en/") or p == "/en"}
    return sorted(p or "/" for p in public if "." not in p and not p.startswith(_PRIVATE))


@pages.get("/sitemap.xml")
async def sitemap(visit: Visit) -> web.StreamResponse:
    """Every public page, with the day it changed where that is known."""
    copy, sessions = await asyncio.gather(
        copy_of(visit, "content/sitemap"), copy_of(visit, "scheduling/sessions", _SESSIONS)
    )
    origin = copy.data.get("public_url") or str(visit.request.url.origin())
    ET.register_namespace("", _NAMES)
    root = ET.Element(f"{{{_NAMES}}}urlset")
    for path in own_paths(visit.request.app):
        _add(root, origin + path)
    for page in copy.data.get("pages", []):
        _add(root, origin + page["path"], page["changed_at"])
    for session in sessions.data.get("items", []):
        _add(root, f"{origin}/sessions/{session['id']}", session["state_since"])
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {
        "Content-Type": "application/xml; charset=utf-8",
        "Cache-Control": "public, no-cache",
    }
    return web.Response(body=body, headers=headers)


def _add(root: ET.Element, address: str, changed_at: str = "") -> None:
    url = ET.SubElement(root, f"{{{_NAMES}}}url")
    ET.SubElement(url, f"{{{_NAMES}}}loc").text = address
    if changed_at:
        ET.SubElement(url, f"{{{_NAMES}}}lastmod").text = changed_at
