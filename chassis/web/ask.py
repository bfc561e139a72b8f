"""One request, understood."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from aiohttp import web

from chassis.database import Pool
from chassis.refusal import Forbidden, Unauthenticated
from contracts.principal import Principal


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks what and when; handlers get it as ``ask``."""

    request: web.Request
    pool: Pool
    request_id: str
    now: datetime
    #: The day in Japan.
    today: date
    #: Who the verified token speaks for; None on public routes without one.
    visitor: Principal | None
    #: The revision named by ``If-Match``.
    if_match: int | None

    @property
    def app(self) -> web.Application:
        """What ``__main__`` assembled."""
        return self.request.app

    @property
    def principal(self) -> Principal:
        """Who is asking; on routes that are not public there always is somebody."""
        if self.visitor is None:
            raise Unauthenticated("token-missing", "ログインしてから、もう一度お試しください。")
        return self.visitor

    @property
    def organisation_id(self) -> UUID:
        """The organisation the principal belongs to."""
        found = self.principal.organisation_id
        if found is None:
            raise Forbidden("no-organisation", "この操作は団体に所属する方だけができます。")
        return found
