"""The public lists, page by page: JSON made by the database and passed through."""

import hashlib
from datetime import date
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel

from chassis.database import Record, reading
from chassis.paging import cursor_of
from chassis.web import Answer, Ask, Json, Routes
from services.registry.api.asked import (
    ListQuery,
    MatchQuery,
    MunicipalityQuery,
    ParticipationQuery,
    PaymentServiceQuery,
    ProviderQuery,
    wanted_of,
)
from services.registry.api.kept import FLIGHTS
from services.registry.model.items import (
    ListName,
    MatchItem,
    MunicipalityItem,
    ParticipationItem,
    PaymentServiceItem,
    ProviderItem,
)
from services.registry.store import listed
from services.registry.store.listed import Wanted

routes = Routes("/api/v1/registry", tag="registry")
T = TypeVar("T", bound=BaseModel)
#: May be kept by anybody who asks again before using it.
_SHARED = {"Cache-Control": "public, no-cache"}


class ListPage(BaseModel, Generic[T]):
    """A page of a public list; ``next`` goes into ``after`` for what follows."""

    as_of: date
    known_at: AwareDatetime | None
    #: Of all that match, on this page or not.
    total: int
    items: list[T]
    next: str | None


class MunicipalityPage(ListPage[MunicipalityItem]):
    """A page of the list of municipalities."""


class ProviderPage(ListPage[ProviderItem]):
    """A page of the list of payment providers."""


class PaymentServicePage(ListPage[PaymentServiceItem]):
    """A page of the list of payment services."""


class ParticipationPage(ListPage[ParticipationItem]):
    """A page of the list of participation in a fiscal year."""


class MatchPage(ListPage[MatchItem]):
    """A page of the list of matches."""


@routes.get("/municipalities", public=True, answers=MunicipalityPage)
async def municipalities(ask: Ask, query: MunicipalityQuery) -> Answer:
    """Registered municipalities as of a day."""
    return await _page(ListName.MUNICIPALITIES, ask, query)


@routes.get("/providers", public=True, answers=ProviderPage)
async def providers(ask: Ask, query: ProviderQuery) -> Answer:
    """Registered payment providers as of a day."""
    return await _page(ListName.PROVIDERS, ask, query)


@routes.get("/payment-services", public=True, answers=PaymentServicePage)
async def payment_services(ask: Ask, query: PaymentServiceQuery) -> Answer:
    """Registered payment services as of a day."""
    return await _page(ListName.PAYMENT_SERVICES, ask, query)


@routes.get("/participation", public=True, answers=ParticipationPage)
async def participation(ask: Ask, query: ParticipationQuery) -> Answer:
    """Which providers take part in a fiscal year, as of a day."""
    return await _page(ListName.PARTICIPATION, ask, query)


@routes.get("/matches", public=True, answers=MatchPage)
async def matches(ask: Ask, query: MatchQuery) -> Answer:
    """Which municipality works with which provider as of a day."""
    return await _page(ListName.MATCHES, ask, query)


async def _page(name: ListName, ask: Ask, query: ListQuery) -> Answer:
    wanted = wanted_of(name, query, ask)

    async def look() -> Answer:
        async with reading(ask.pool) as conn:
            content = _content(wanted, await listed.page(conn, wanted))
        return Answer(Json(content), etag=etag_of(content), headers=_SHARED)

    return await ask.app[FLIGHTS].answer(wanted, look)


def _content(wanted: Wanted, row: Record) -> bytes:
    known = f'"{wanted.known_at.isoformat()}"' if wanted.known_at else "null"
    following = f'"{cursor_of(row["last_code"], str(row["last_id"]))}"' if row["more"] else "null"
    return (
        f'{{"as_of":"{wanted.as_of.isoformat()}","known_at":{known},"total":{row["total"]},'
        f'"items":{row["items"]},"next":{following}}}'
    ).encode()


def etag_of(content: bytes) -> str:
    """Equal for equal content."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()
