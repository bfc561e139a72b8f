"""Whether a provider takes part, fiscal year by fiscal year."""

from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.doors import EDITORS, PROVIDER_ONLY
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import fiscal_year_of

pages = Pages(PROVIDER_ONLY)


@pages.get("/provider/participation")
async def participation(visit: Visit) -> web.StreamResponse:
    """This and the next fiscal year with the answer given."""
    return await _page(visit, Form())


@pages.post("/provider/participation/{year:[0-9]{4}}", roles=EDITORS)
async def declare(visit: Visit) -> web.StreamResponse:
    """An answer for one fiscal year."""
    form, year = await visit.form(), visit.part("year")
    form.need(f"participating_{year}", "参画するかどうかを選んでください")
    since = form.date(f"effective_{year}", "回答が有効になる日") or today()
    if not form.errors:
        body = {
            "participating": form[f"participating_{year}"] == "yes",
            "effective_on": since.isoformat(),
        }
        reply = await visit.ask("PUT", f"registry/participation/{year}", body=body, key=form.key)
        if reply.ok:
            return visit.go("/provider/participation?done=declared")
        if reply.status not in (409, 422):
            raise Answered(reply)
        names = {n: f"{n.partition('_')[0]}_{year}" for n in ("participating", "effective_on")}
        form.take(reply.json(), names)
    return await _page(visit, form)


async def _page(visit: Visit, form: Form) -> web.Response:
    mine: dict[str, Any] = await visit.get("registry/organisation")
    given = await visit.get("registry/own-participation")
    answers = {int(a["fiscal_year"]): a for a in given["items"]}
    first = fiscal_year_of(today())
    years = [(year, answers.get(year)) for year in (first, first + 1)]
    return visit.page(
        "registration/participation.html",
        "事業への参画",
        status=422 if form.errors else 200,
        crumbs=(("/provider", "仕事の一覧"),),
        form=form,
        years=years,
        past=sorted((y, a) for y, a in answers.items() if y < first),
        state=mine.get("state"),
    )
