"""What ``__main__`` assembled and handlers use."""

from aiohttp import web

from services.content.outside import FileShelf

SHELF = web.AppKey("shelf", FileShelf)
#: Where the portal is, as it is written in feeds.
PUBLIC_URL = web.AppKey("public_url", str)
