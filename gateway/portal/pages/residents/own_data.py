"""A resident's family, and who looked at what."""

from aiohttp import web

from gateway.portal.forms import Form, typed_date
from gateway.portal.pages.residents.my import family_of
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_CRUMBS = (("/my", "申し込んだ施策"),)
#: All municipalities of the country and more.
_MOST_PAGES = 20


@pages.get("/my/family")
async def family(visit: Visit) -> web.StreamResponse:
    """For whom one acts, or asked to act."""
    found = await family_of(visit)
    return visit.page("my/family.html", "ご家族", crumbs=_CRUMBS, family=found)


@pages.get("/my/family/new")
async def declare(visit: Visit) -> web.StreamResponse:
    """What is needed to act for a child."""
    return await _declare_page(visit, Form())


@pages.post("/my/family/new")
async def declared(visit: Visit) -> web.StreamResponse:
    """The child's card speaks beside the own session; the municipality confirms."""
    form = await visit.form()
    form.need("name", "お子さまの氏名を入れてください")
    form.need("name_kana", "フリガナを入れてください")
    form.need("address", "住所を入れてください")
    form.kana("name_kana")
    born_on = typed_date(form, "birth_on", "生まれた日")
    if not born_on:
        form.wrong("birth_on", "生まれた日を入れてください")
    code = form.code("municipality_code")
    if not code:
        form.wrong("municipality_code", "お住まいの市区町村をえらんでください")
    shown = await cards.answered(visit, form, "family", "family") if not form.errors else None
    if shown is None:
        return await _declare_page(visit, form)
    body = {
        **shown,
        **form.pick(("name", "name_kana", "address", "municipality_code")),
        "birth_on": born_on,
    }
    reply = await visit.ask("POST", "identity/own-family", body=body)
    if reply.ok:
        return visit.go("/my/family?done=child_declared")
    if not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    return await _declare_page(visit, form)


async def _declare_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "my/family_new.html",
        "お子さまを届け出る",
        status=422 if form.errors else 200,
        crumbs=(*_CRUMBS, ("/my/family", "ご家族")),
        form=form,
        places=await _municipalities(visit),
        cards=await cards.simulated(visit),
    )


async def _municipalities(visit: Visit) -> list[tuple[str, str]]:
    """Those that take part, by code: only they can confirm."""
    found: list[tuple[str, str]] = []
    query = {"limit": "100"}
    for _ in range(_MOST_PAGES):
        page = await visit.get("registry/municipalities", query)
        found += [(one["code"], f"{one['prefecture']} {one['name']}") for one in page["items"]]
        if not page["next"]:
            break
        query["after"] = page["next"]
    return found


@pages.get("/my/reads")
async def reads(visit: Visit) -> web.StreamResponse:
    """Who looked at which application, when and why."""
    query = {"after": visit.query("after")} if visit.query("after") else None
    found = await visit.get("benefits/own-reads", query)
    return visit.page("my/reads.html", "だれが見たか", crumbs=_CRUMBS, found=found)
