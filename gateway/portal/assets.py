"""The files pages are dressed with, each under an address that names its content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

HERE = Path(__file__).parent
_KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, read once."""

    name: str
    body: bytes
    content_type: str
    digest: str

    @property
    def address(self) -> str:
        """Where a browser finds it, for ever the same bytes."""
        return f"/static/{self.digest}/{self.name}"


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(path.name, body, _KINDS[path.suffix], digest)


ASSETS = {
    path.name: _read(path)
    for folder in ("static", "vendor")
    for path in sorted((HERE / folder).iterdir())
    if path.suffix in _KINDS
}


def address_of(name: str) -> str:
    """The address of a file by its plain name; templates use it as ``asset('portal.css')``."""
    return ASSETS[name].address


async def serve(request: web.Request) -> web.Response:
    """A file of the portal; an old address of a changed file is not found."""
    asset = ASSETS.get(request.match_info["name"])
    if asset is None or asset.digest != request.match_info["digest"]:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{asset.digest}"'}
    return web.Response(
        body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers
    )
