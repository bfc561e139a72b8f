"""The last good copies of what everybody may read: a page stands while the service behind it is away."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal.asking import Reply
from gateway.portal.visit import Answered, Visit

_MOST, _LARGEST = 500, 512 * 1024


@dataclass(frozen=True, slots=True)
class Copy:
    """What a service said; ``stale`` since when, where it does not answer now. Empty: nobody knows."""

    data: dict[str, Any]
    stale: datetime | None = None
    known: bool = True


@dataclass(slots=True)
class Copies:
    """The newest good answer to each question, those not asked for longest given up first."""

    _kept: OrderedDict[str, tuple[datetime, Reply]] = field(default_factory=OrderedDict)

    async def read(self, visit: Visit, path: str, query: Mapping[str, str] | None = None) -> Copy:
        """What a service says to everybody, or said last; without either, nothing is known."""
        target = f"{path}?{urlencode(query or {})}"
        reply = await visit.ask("GET", path, query=query)
        if reply.ok:
            self._keep(target, visit.at, reply)
            return Copy(reply.json())
        if reply.status < 500:
            raise Answered(reply)
        kept = self._kept.get(target)
        return Copy(kept[1].json(), stale=kept[0]) if kept else Copy({"items": []}, known=False)

    def _keep(self, target: str, at: datetime, reply: Reply) -> None:
        if len(reply.body) > _LARGEST:
            return
        self._kept[target] = (at, reply)
        self._kept.move_to_end(target)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


COPIES = web.AppKey("copies", Copies)


async def copy_of(visit: Visit, path: str, query: Mapping[str, str] | None = None) -> Copy:
    """What everybody may read, from the service or from the last good copy."""
    copies: Copies = visit.request.app[COPIES]
    return await copies.read(visit, path, query)
