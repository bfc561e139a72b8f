"""What a search finds as files: an Atom feed that readers follow, and a sheet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

import orjson

from chassis.clock import day_of
from chassis.web import Answer, Ask, Routes
from services.registry.api.kept import PUBLIC_URL
from services.registry.api.lists import etag_of
from services.registry.api.search.pages import index_of
from services.registry.api.search.query import SearchQuery, search_of
from services.registry.api.search.views import MeasureItem, item_json
from services.registry.api.sheets import Columns, csv_bytes
from services.registry.model.search.asked import Search, Sort
from services.registry.model.search.public_measure import PublicMeasure

routes = Routes("/api/v1/registry", tag="registry")
_ALL = 1_000_000
_IN_FEED = 50
_COLUMNS: Columns = (
    ("measure_id", "施策ID", 38),
    ("prefecture", "都道府県", 12),
    ("municipality_name", "自治体", 20),
    ("municipality_code", "団体コード", 12),
    ("title", "施策", 40),
    ("summary", "内容", 60),
    ("state", "状況", 10),
    ("most_yen", "最大の額（円）", 14),
    ("apply_from", "受付開始", 22),
    ("apply_until", "受付終了", 22),
    ("allocate_by", "受け取り先を決める期限", 22),
    ("services", "受け取れるサービス", 40),
)
_STATES = {"open": "募集中", "soon": "まもなく開始", "paused": "一時停止", "ended": "受付終了"}


@routes.get("/measures.csv", public=True, content_type="text/csv")
async def measures_csv(ask: Ask, query: SearchQuery) -> Answer:
    """Everything a search finds, as CSV."""
    found = _found(ask, search_of(query), Sort.DEADLINE, _ALL)
    items = [_row(orjson.loads(item_json(measure, ask.now))) for measure in found]
    content = csv_bytes(_COLUMNS, items)
    headers = {
        "Content-Disposition": f'attachment; filename="measures-{ask.today}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Answer(
        content,
        etag=etag_of(content),
        content_type="text/csv; charset=utf-8",
        headers=headers,
    )


@routes.get("/measures.atom", public=True, content_type="application/atom+xml")
async def measures_atom(ask: Ask, query: SearchQuery) -> Answer:
    """What a search finds, the newest first, as an Atom feed whose ids never change."""
    found = _found(ask, search_of(query), Sort.NEWEST, _IN_FEED)
    content = _feed(ask.app[PUBLIC_URL].rstrip("/"), _address(query), found, ask.now)
    return Answer(
        content,
        etag=etag_of(content),
        content_type="application/atom+xml; charset=utf-8",
        headers={"Cache-Control": "public, no-cache"},
    )


def _found(ask: Ask, search: Search, sort: Sort, most: int) -> list[PublicMeasure]:
    index = index_of(ask)
    return index.page(index.find(search, ask.now), search, sort=sort, after=None, limit=most)


def _row(item: dict[str, object]) -> dict[str, object]:
    return {**item, "state": _STATES[str(item["state"])]}


def _address(query: SearchQuery) -> str:
    """The search as the end of an address, equal for equal searches."""
    given = query.model_dump(mode="json", exclude_defaults=True)
    joined = {k: ",".join(v) if isinstance(v, list) else str(v) for k, v in given.items()}
    return urlencode(sorted(joined.items()))


def _feed(portal: str, address: str, measures: Sequence[PublicMeasure], now: datetime) -> bytes:
    items = [MeasureItem.model_validate_json(item_json(m, now)) for m in measures]
    updated = max(
        (item.updated_at for item in items), default=datetime(2022, 9, 12, tzinfo=now.tzinfo)
    )
    page, own = f"{portal}/measures", f"{portal}/api/v1/registry/measures.atom"
    query = f"?{address}" if address else ""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">',
        f"<id>tag:machipo,2022:measures{escape(query)}</id>",
        "<title>マチポ 施策をさがす</title>",
        "<author><name>マチポ</name></author>",
        f"<updated>{updated.isoformat()}</updated>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(own + query)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(page + query)}/>',
        *(_entry(portal, item) for item in items),
        "</feed>",
    ]
    return "\n".join(lines).encode()


def _entry(portal: str, item: MeasureItem) -> str:
    place = f"{item.prefecture} {item.municipality_name}".strip()
    about = f"{item.summary}（{item.most_yen:,}円分まで・{_until(item)}）"
    return (
        f"<entry><id>tag:machipo,2022:measure/{item.measure_id}</id>"
        f"<title>{_text(place)}：{_text(item.title)}</title>"
        f"<updated>{item.updated_at.isoformat()}</updated>"
        f"<published>{item.published_at.isoformat()}</published>"
        f'<link rel="alternate" type="text/html" href="{portal}/measures/{item.measure_id}"/>'
        f"<category term={quoteattr(item.purpose)}/><summary>{_text(about)}</summary></entry>"
    )


def _until(item: MeasureItem) -> str:
    # The first instant at which nobody applies any more is often a midnight.
    last = day_of(item.apply_until - timedelta(seconds=1))
    return f"{last.year}年{last.month}月{last.day}日まで"


def _text(text: str) -> str:
    """Text for XML, without the control characters XML cannot hold."""
    return escape("".join(c for c in text if c >= " " or c in "\t\n"))
