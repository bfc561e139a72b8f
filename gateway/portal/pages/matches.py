"""Matches at the desks of both sides: find, propose, answer."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal import match_words
from gateway.portal.asking import Reply
from gateway.portal.doors import EDITORS, ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.forms import Form
from gateway.portal.match_forms import conditions_of, names_of_fields, proposal_fields
from gateway.portal.measures import words as measure_words
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import (
    GRANT_TYPES,
    PREFECTURES,
    SERVICE_KINDS,
    fiscal_year,
    fiscal_year_of,
)

pages = Pages(ORGANISATIONS)
_ID = "[0-9a-f-]{36}"
_FIND = "/{door:municipality}/providers", "/{door:provider}/municipalities"
_PROPOSE = tuple(f"{path}/{{partner:{_ID}}}/propose" for path in _FIND)
_ONE = ORGANISATION_DOOR + f"/matches/{{match_id:{_ID}}}"
_ASKED = ("fiscal_year", "grant_type", "kind", "prefecture", "q", "after")


@pages.get(*_FIND)
async def find(visit: Visit) -> web.StreamResponse:
    """Who may be proposed to: services for a municipality, municipalities for a provider."""
    ours = visit.me.organisation_kind == "municipality"
    asked = {n: visit.query(n) for n in _ASKED if visit.query(n)}
    found = await visit.get(f"registry/{'offers' if ours else 'demands'}", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        f"matches/{'offers' if ours else 'demands'}.html",
        "決済サービスをさがす" if ours else "決済事業者をさがす自治体",
        crumbs=_home(visit),
        found=found,
        asked=asked,
        years=_years(),
        kinds=SERVICE_KINDS.items(),
        grant_types=GRANT_TYPES.items(),
        prefectures=PREFECTURES.items(),
        match_words=match_words,
        next_address=f"?{following}" if following else "",
    )


@pages.get("/{door:provider}/measures")
async def fitting(visit: Visit) -> web.StreamResponse:
    """Measures the provider's services could be used in, and how far it has come with their municipalities."""
    asked = {n: visit.query(n) for n in _ASKED if n != "kind" and visit.query(n)}
    found = await visit.get("registry/fitting-measures", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "matches/fitting.html",
        "サービスに合う施策",
        crumbs=_home(visit),
        found=found,
        asked=asked,
        years=_years(),
        grant_types=GRANT_TYPES.items(),
        prefectures=PREFECTURES.items(),
        match_words=match_words,
        measure_words=measure_words,
        next_address=f"?{following}" if following else "",
    )


@pages.get(*_PROPOSE)
async def proposal(visit: Visit) -> web.StreamResponse:
    """The form of a proposal."""
    year = visit.query("fiscal_year") or str(fiscal_year_of(today()))
    form = Form.of({"fiscal_year": year, "fee_kind": "percent", "cutoff_days": "3"})
    return await _proposal_page(visit, form)


@pages.post(*_PROPOSE, roles=EDITORS)
async def propose(visit: Visit) -> web.StreamResponse:
    """The proposal is sent to the other side."""
    form = await visit.form()
    body = proposal_fields(form) | {"partner_id": visit.part("partner")}
    if form.errors:
        return await _proposal_page(visit, form)
    reply = await visit.ask("POST", "registry/own-matches", body=body, key=form.key)
    if reply.ok:
        return visit.go(f"{visit.door.home}/matches/{reply.json()['id']}?done=proposed")
    if reply.status not in (409, 422):
        raise Answered(reply)
    form.take(reply.json(), names_of_fields(form))
    return await _proposal_page(visit, form)


@pages.get(ORGANISATION_DOOR + "/matches")
async def matches(visit: Visit) -> web.StreamResponse:
    """The own matches, what moved last first."""
    asked = {n: visit.query(n) for n in ("state", "fiscal_year", "after") if visit.query(n)}
    found = await visit.get("registry/own-matches", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "matches/matches.html",
        "マッチング",
        crumbs=_home(visit),
        found=found,
        asked=asked,
        years=_years(),
        match_words=match_words,
        base=f"{visit.door.home}/matches",
        next_address=f"?{following}" if following else "",
    )


@pages.get(_ONE)
async def match(visit: Visit) -> web.StreamResponse:
    """One match: conditions, history, what may be done."""
    return _match_page(visit, await _found(visit), Form())


@pages.post(_ONE + "/{act:accept|decline|withdraw}", roles=EDITORS)
async def answer(visit: Visit) -> web.StreamResponse:
    """A side agrees, says no, or takes it back."""
    form, act = await visit.form(), visit.part("act")
    found = await _found(visit)
    if act != "accept":
        form.need("message", "相手に伝える理由を入れてください")
    if form.errors:
        return _match_page(visit, found, form)
    reply = await _act(visit, form, act)
    if reply.ok:
        return visit.go(f"{visit.door.home}/matches/{visit.part('match_id')}?done={act}")
    if reply.status != 422:
        raise Answered(reply)
    form.take(reply.json())
    return _match_page(visit, found, form)


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/own-matches/{visit.part('match_id')}")
    return found


async def _act(visit: Visit, form: Form, act: str) -> Reply:
    return await visit.ask(
        "POST",
        f"registry/own-matches/{visit.part('match_id')}/{act}",
        body={"message": form["message"]},
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )


def _match_page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    other = found["provider" if visit.me.organisation_kind == "municipality" else "municipality"]
    return visit.page(
        "matches/match.html",
        f"{other['name']}とのマッチング（{fiscal_year(found['fiscal_year'])}）",
        status=422 if form.errors else 200,
        crumbs=(*_home(visit), (f"{visit.door.home}/matches", "マッチング")),
        form=form,
        found=found,
        conditions=match_words.conditions_in_words(found["conditions"]),
        history=[match_words.told(step) for step in reversed(found["history"])],
        match_words=match_words,
        base=f"{visit.door.home}/matches/{found['id']}",
        may_act=visit.has("admin", "editor"),
    )


async def _proposal_page(visit: Visit, form: Form) -> web.Response:
    ours, partner = visit.me.organisation_kind == "municipality", visit.part("partner")
    year = {"fiscal_year": form["fiscal_year"]} if form["fiscal_year"].isdecimal() else {}
    if ours:
        known = await visit.get("registry/offers", {**year, "provider_id": partner, "limit": "100"})
        services = known["items"]
        name = services[0]["provider_name"] if services else "決済事業者"
    else:
        known = await visit.get("registry/demands", {**year, "municipality_id": partner})
        name = known["items"][0]["name"] if known["items"] else "自治体"
        services = await visit.get("registry/own-services")
        services = services["items"]
    return visit.page(
        "matches/propose.html",
        f"{name}に提案する",
        status=422 if form.errors else 200,
        crumbs=_home(visit),
        form=form,
        name=name,
        services=services,
        years=_years(),
        conditions=conditions_of(),
        here=visit.path,
    )


def _years() -> list[tuple[str, str]]:
    first = fiscal_year_of(today())
    return [(str(y), fiscal_year(y)) for y in (first, first + 1)]


def _home(visit: Visit) -> tuple[tuple[str, str], ...]:
    return ((visit.door.home, "仕事の一覧"),)
