"""Files of a service, passed on to the browser as downloads."""

from aiohttp import web

from gateway.portal.asking import Reply
from gateway.portal.visit import Answered

_KEPT = ("Content-Type", "Content-Disposition")


def file_answer(reply: Reply) -> web.Response:
    """The file, never shown inside a page and never run."""
    if not reply.ok:
        raise Answered(reply)
    headers = {name: reply.headers[name] for name in _KEPT if name in reply.headers}
    headers.setdefault("Content-Disposition", "attachment")
    headers |= {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return web.Response(body=reply.body, headers=headers)
