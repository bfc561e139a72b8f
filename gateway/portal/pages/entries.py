"""One entry of the register with everything that was said about it in public."""

from typing import Any

from aiohttp import web

from gateway.portal.routes import Pages
from gateway.portal.visit import Visit
from gateway.portal.words import day, fiscal_year, moment

pages = Pages()
_LISTS = (("/", "ホーム"), ("/lists", "登録一覧"))

#: what → how it is drawn, what happened
_HAPPENED = {
    "registered": ("ok", "登録"),
    "changed": ("key", "登録内容の変更"),
    "suspended": ("act", "登録の停止"),
    "resumed": ("ok", "登録の再開"),
    "withdrawn": ("no", "辞退"),
    "ended": ("no", "終了"),
    "participating": ("ok", "参画する"),
    "not_participating": ("", "参画しない"),
}


@pages.get("/lists/municipalities/{code}")
async def municipality(visit: Visit) -> web.StreamResponse:
    """A municipality's entry."""
    found = await visit.get(f"registry/municipalities/{visit.part('code')}")
    crumbs = (*_LISTS, ("/lists/municipalities", "登録済みの自治体等"))
    return _page(visit, found, crumbs, "municipality")


@pages.get("/lists/providers/{number}")
async def provider(visit: Visit) -> web.StreamResponse:
    """A provider's entry with its payment services."""
    found = await visit.get(f"registry/providers/{visit.part('number')}")
    crumbs = (*_LISTS, ("/lists/providers", "登録済みの決済事業者"))
    return _page(visit, found, crumbs, "provider")


def _page(visit: Visit, found: dict[str, Any], crumbs: Any, kind: str) -> web.Response:
    history = found["history"]
    known = [h["name"] for h in history if h["about"] == "organisation"]
    entry = found["entry"]
    return visit.page(
        "lists/entry.html",
        str(entry["name"] if entry else known[-1] if known else "登録の記録"),
        crumbs=crumbs,
        found=found,
        entry=entry,
        kind=kind,
        history=[told(one) for one in reversed(history)],
    )


def told(one: dict[str, Any]) -> dict[str, str]:
    """Something that was said about an entry, in words."""
    family, word = _HAPPENED.get(one["what"], ("", "変更"))
    if one["about"] == "payment_service":
        title = f"決済サービス「{one['name']}」の{word.removeprefix('登録の')}"
    elif one["about"] == "participation":
        title = f"{fiscal_year(one['name'])}の事業に{word}"
    else:
        title = word
    said = f"{moment(one['known_at'])} 記録"
    return {
        "family": family,
        "title": title,
        "at": one["effective_on"],
        "at_words": f"{day(one['effective_on'])}から",
        "text": f"{one['reason']}（{said}）" if one.get("reason") else said,
    }
