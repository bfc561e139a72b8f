"""The public lists as of any day, as known at any moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import JAPAN, today
from gateway.portal.forms import Form
from gateway.portal.pages.home import counted
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Refused, Visit
from gateway.portal.words import (
    MUNICIPALITY_KINDS,
    PREFECTURES,
    SERVICE_KINDS,
    fiscal_year,
    fiscal_year_of,
)

pages = Pages()
_HOME = ("/", "ホーム")
_LIMIT = 20


@dataclass(frozen=True, slots=True)
class PublicList:
    """One list: its words, what it may be filtered by."""

    name: str
    title: str
    unit: str
    kinds: tuple[tuple[str, str], ...] = ()
    by_prefecture: bool = False
    by_year: bool = False


LISTS = {
    found.name: found
    for found in (
        PublicList(
            "municipalities",
            "登録済みの自治体等",
            "団体",
            tuple(MUNICIPALITY_KINDS.items()),
            by_prefecture=True,
        ),
        PublicList("providers", "登録済みの決済事業者", "社"),
        PublicList("payment-services", "決済サービス", "件", tuple(SERVICE_KINDS.items())),
        PublicList("participation", "決済事業者の事業参画状況", "件", by_year=True),
        PublicList(
            "matches", "自治体と決済事業者のマッチング", "件", by_prefecture=True, by_year=True
        ),
    )
}


@pages.get("/lists")
async def overview(visit: Visit) -> web.StreamResponse:
    """All lists with their lengths on a day."""
    as_of = visit.day("as_of")
    counts = await counted(visit, as_of)
    return visit.page(
        "lists/overview.html",
        "登録一覧",
        crumbs=(_HOME,),
        counts=counts,
        as_of=as_of,
        lists=LISTS.values(),
    )


@pages.get("/lists/{name}")
async def one_list(visit: Visit) -> web.StreamResponse:
    """A list, searched and filtered by its address."""
    shown = LISTS.get(visit.part("name"))
    if shown is None:
        raise Refused(404)
    filters = _filters(visit, shown)
    form = Form.of({**filters, "known_at": visit.query("known_at")})
    asked = {k: v for k, v in filters.items() if v} | _known_at(form) | {"limit": str(_LIMIT)}
    if after := visit.query("after"):
        asked["after"] = after
    reply = await visit.ask("GET", f"registry/{shown.name}", query=asked)
    found = _items(reply.json() if reply.ok else {}, form, reply)
    return _page(visit, shown, form, filters, found)


def _items(answer: dict[str, Any], form: Form, reply: Any) -> dict[str, Any]:
    if reply.status == 422:
        form.take(reply.json())
    elif not reply.ok:
        raise Answered(reply)
    return answer


def _filters(visit: Visit, shown: PublicList) -> dict[str, str]:
    names = ["as_of", "q"]
    names += ["prefecture"] if shown.by_prefecture else []
    names += ["kind"] if shown.kinds else []
    names += ["fiscal_year"] if shown.by_year else []
    return {name: visit.query(name) for name in names}


def _known_at(form: Form) -> dict[str, str]:
    """What was typed on Japan's clock, as an instant."""
    if not form["known_at"]:
        return {}
    try:
        instant = datetime.fromisoformat(form["known_at"])
    except ValueError:
        form.wrong("known_at", "「この日時までに届いていた内容」は、日付と時刻を入れてください")
        return {}
    return {"known_at": instant.replace(tzinfo=instant.tzinfo or JAPAN).isoformat()}


def _page(
    visit: Visit, shown: PublicList, form: Form, filters: dict[str, str], found: dict[str, Any]
) -> web.Response:
    kept = {k: v for k, v in (filters | {"known_at": form["known_at"]}).items() if v}
    fixed = kept | {"as_of": str(found.get("as_of") or today())}
    as_asked = {k: v for k, v in kept.items() if k != "known_at"} | _known_at(form)
    return visit.page(
        f"lists/{shown.name}.html",
        shown.title,
        status=422 if form.errors else 200,
        crumbs=(_HOME, ("/lists", "登録一覧")),
        form=form,
        shown=shown,
        found=found,
        kept=urlencode(kept),
        download=urlencode(as_asked),
        permanent=f"/lists/{shown.name}?{urlencode(fixed)}",
        chips=_chips(shown, kept),
        matrix=_matrix(found["items"]) if shown.name == "matches" and found else None,
        prefectures=PREFECTURES.items(),
        years=[(str(y), fiscal_year(y)) for y in range(fiscal_year_of(today()) + 1, 2021, -1)],
    )


def _matrix(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Bodies down, services across; the matches of one body and year share a row."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for item in items:
        code, year = item["municipality_code"], item["fiscal_year"]
        new = {"code": code, "name": item["municipality_name"], "year": year, "services": set()}
        row = rows.setdefault((code, year), new)
        row["services"] |= {service["name"] for service in item["services"]}
    services = dict.fromkeys(s["name"] for item in items for s in item["services"])
    return {
        "rows": list(rows.values()),
        "services": list(services),
        "years": len({year for _, year in rows}) > 1,
    }


def _chips(shown: PublicList, kept: dict[str, str]) -> list[tuple[str, str]]:
    """Each set filter in words, with the address without it."""
    words: dict[str, Callable[[str], str]] = {
        "q": lambda typed: f"「{typed}」",
        "prefecture": lambda code: PREFECTURES.get(code, code),
        "kind": lambda kind: dict(shown.kinds).get(kind, kind),
        "fiscal_year": lambda year: fiscal_year(year) if year.isdecimal() else year,
    }
    return [
        (
            say(kept[name]),
            f"/lists/{shown.name}?{urlencode({k: v for k, v in kept.items() if k != name})}",
        )
        for name, say in words.items()
        if name in kept
    ]
