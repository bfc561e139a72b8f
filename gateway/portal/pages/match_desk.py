"""The secretariat looks at everybody's matches and contracts."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import match_words
from gateway.portal.doors import SECRETARIAT_ONLY
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit
from gateway.portal.words import fiscal_year

pages = Pages(SECRETARIAT_ONLY)
_CRUMBS = (("/secretariat", "仕事の一覧"),)


@pages.get("/secretariat/matches")
async def matches(visit: Visit) -> web.StreamResponse:
    """Everybody's matches, what moved last first."""
    return await _list(visit, "matches/matches.html", "マッチング", "all-matches", "matches")


@pages.get("/secretariat/contracts")
async def contracts(visit: Visit) -> web.StreamResponse:
    """Everybody's contracts, what moved last first."""
    return await _list(visit, "matches/contracts.html", "契約", "contracts", "contracts")


@pages.get("/secretariat/matches/{match_id:[0-9a-f-]{36}}")
async def match(visit: Visit) -> web.StreamResponse:
    """One match with its history."""
    found: dict[str, Any] = await visit.get(f"registry/all-matches/{visit.part('match_id')}")
    sides = f"{found['municipality']['name']}と{found['provider']['name']}"
    return visit.page(
        "matches/match.html",
        f"{sides}のマッチング（{fiscal_year(found['fiscal_year'])}）",
        crumbs=(*_CRUMBS, ("/secretariat/matches", "マッチング")),
        form=Form(),
        found=found,
        conditions=match_words.conditions_in_words(found["conditions"]),
        history=[match_words.told(step) for step in reversed(found["history"])],
        match_words=match_words,
        base=f"/secretariat/matches/{found['id']}",
        may_act=False,
    )


async def _list(visit: Visit, template: str, title: str, asks: str, name: str) -> web.Response:
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    found = await visit.get(f"registry/{asks}", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        template,
        title,
        crumbs=_CRUMBS,
        found=found,
        asked=asked,
        years=[],
        match_words=match_words,
        base=f"/secretariat/{name}",
        next_address=f"?{following}" if following else "",
    )
