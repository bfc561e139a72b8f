"""The public lists as files: CSV, XLSX and JSON, whole, for spreadsheets and programs."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson

from chassis.database import Connection
from chassis.web import Answer, Ask, Routes
from services.registry.api.asked import (
    ListQuery,
    MatchQuery,
    MunicipalityQuery,
    ParticipationQuery,
    PaymentServiceQuery,
    ProviderQuery,
    wanted_of,
)
from services.registry.api.lists import etag_of
from services.registry.api.sheets import columns_of, csv_bytes, xlsx_bytes
from services.registry.model.items import ListName
from services.registry.store import listed

routes = Routes("/api/v1/registry", tag="registry")
_ALL = 100_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv; charset=utf-8"


@routes.get("/municipalities.csv", public=True, content_type="text/csv")
async def municipalities_csv(ask: Ask, conn: Connection, query: MunicipalityQuery) -> Answer:
    """Municipalities as CSV."""
    return await _csv(ListName.MUNICIPALITIES, ask, conn, query)


@routes.get("/providers.csv", public=True, content_type="text/csv")
async def providers_csv(ask: Ask, conn: Connection, query: ProviderQuery) -> Answer:
    """Payment providers as CSV."""
    return await _csv(ListName.PROVIDERS, ask, conn, query)


@routes.get("/payment-services.csv", public=True, content_type="text/csv")
async def payment_services_csv(ask: Ask, conn: Connection, query: PaymentServiceQuery) -> Answer:
    """Payment services as CSV."""
    return await _csv(ListName.PAYMENT_SERVICES, ask, conn, query)


@routes.get("/participation.csv", public=True, content_type="text/csv")
async def participation_csv(ask: Ask, conn: Connection, query: ParticipationQuery) -> Answer:
    """Participation as CSV."""
    return await _csv(ListName.PARTICIPATION, ask, conn, query)


@routes.get("/municipalities.xlsx", public=True, content_type=_XLSX)
async def municipalities_xlsx(ask: Ask, conn: Connection, query: MunicipalityQuery) -> Answer:
    """Municipalities as a spreadsheet."""
    return await _xlsx(ListName.MUNICIPALITIES, ask, conn, query)


@routes.get("/providers.xlsx", public=True, content_type=_XLSX)
async def providers_xlsx(ask: Ask, conn: Connection, query: ProviderQuery) -> Answer:
    """Payment providers as a spreadsheet."""
    return await _xlsx(ListName.PROVIDERS, ask, conn, query)


@routes.get("/payment-services.xlsx", public=True, content_type=_XLSX)
async def payment_services_xlsx(ask: Ask, conn: Connection, query: PaymentServiceQuery) -> Answer:
    """Payment services as a spreadsheet."""
    return await _xlsx(ListName.PAYMENT_SERVICES, ask, conn, query)


@routes.get("/participation.xlsx", public=True, content_type=_XLSX)
async def participation_xlsx(ask: Ask, conn: Connection, query: ParticipationQuery) -> Answer:
    """Participation as a spreadsheet."""
    return await _xlsx(ListName.PARTICIPATION, ask, conn, query)


@routes.get("/municipalities.json", public=True)
async def municipalities_json(ask: Ask, conn: Connection, query: MunicipalityQuery) -> Answer:
    """Municipalities as one JSON file."""
    return await _json(ListName.MUNICIPALITIES, ask, conn, query)


@routes.get("/providers.json", public=True)
async def providers_json(ask: Ask, conn: Connection, query: ProviderQuery) -> Answer:
    """Payment providers as one JSON file."""
    return await _json(ListName.PROVIDERS, ask, conn, query)


@routes.get("/payment-services.json", public=True)
async def payment_services_json(ask: Ask, conn: Connection, query: PaymentServiceQuery) -> Answer:
    """Payment services as one JSON file."""
    return await _json(ListName.PAYMENT_SERVICES, ask, conn, query)


@routes.get("/participation.json", public=True)
async def participation_json(ask: Ask, conn: Connection, query: ParticipationQuery) -> Answer:
    """Participation as one JSON file."""
    return await _json(ListName.PARTICIPATION, ask, conn, query)


@routes.get("/matches.csv", public=True, content_type="text/csv")
async def matches_csv(ask: Ask, conn: Connection, query: MatchQuery) -> Answer:
    """Matches as CSV."""
    return await _csv(ListName.MATCHES, ask, conn, query)


@routes.get("/matches.xlsx", public=True, content_type=_XLSX)
async def matches_xlsx(ask: Ask, conn: Connection, query: MatchQuery) -> Answer:
    """Matches as a spreadsheet."""
    return await _xlsx(ListName.MATCHES, ask, conn, query)


@routes.get("/matches.json", public=True)
async def matches_json(ask: Ask, conn: Connection, query: MatchQuery) -> Answer:
    """Matches as one JSON file."""
    return await _json(ListName.MATCHES, ask, conn, query)


async def _csv(name: ListName, ask: Ask, conn: Connection, query: ListQuery) -> Answer:
    day, _, items = await _all(name, ask, conn, query)
    return _file(csv_bytes(columns_of(name), items), f"{name}-{day}.csv", _CSV)


async def _xlsx(name: ListName, ask: Ask, conn: Connection, query: ListQuery) -> Answer:
    day, _, items = await _all(name, ask, conn, query)
    content = await asyncio.to_thread(xlsx_bytes, columns_of(name), items, day)
    return _file(content, f"{name}-{day}.xlsx", _XLSX)


async def _json(name: ListName, ask: Ask, conn: Connection, query: ListQuery) -> Answer:
    day, known_at, items = await _all(name, ask, conn, query)
    document = {"as_of": day, "known_at": known_at, "total": len(items), "items": items}
    return _file(orjson.dumps(document), f"{name}-{day}.json", "application/json")


async def _all(
    name: ListName, ask: Ask, conn: Connection, query: ListQuery
) -> tuple[str, str | None, list[dict[str, Any]]]:
    """The whole of what matches; a file has no pages."""
    wanted = replace(wanted_of(name, query, ask), after=None, limit=_ALL)
    row = await listed.page(conn, wanted)
    known_at = wanted.known_at.isoformat() if wanted.known_at else None
    return wanted.as_of.isoformat(), known_at, orjson.loads(row["items"])


def _file(content: bytes, name: str, content_type: str) -> Answer:
    return Answer(
        content,
        etag=etag_of(content),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "public, no-cache",
            "X-Content-Type-Options": "nosniff",
        },
    )
