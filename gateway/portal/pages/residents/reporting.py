"""Something is not right: a resident stops an account that is not the own one, at once."""

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_HERE = "/my/report"


@pages.get(_HERE)
async def report(visit: Visit) -> web.StreamResponse:
    """The accounts tied to the resident, and which of them is looked into."""
    return await _page(visit, Form())


@pages.post(_HERE)
async def reported(visit: Visit) -> web.StreamResponse:
    """Nothing goes there from now on, and a case is opened."""
    form = await visit.form()
    form.need("link", "どの受け取り先のことかをえらんでください")
    found = await visit.get("benefits/own-links")
    if form["link"] and form["link"] not in {one["id"] for one in found["items"]}:
        form.wrong("link", "どの受け取り先のことかをえらび直してください")
    if not form.errors:
        path = f"benefits/own-links/{form['link']}/report"
        reply = await visit.ask("POST", path, body=form.pick(("words",)), key=form.key)
        if reply.ok:
            return visit.go(f"{_HERE}?done=link_reported")
        if not cards.take(form, reply.status, reply.json()):
            raise Answered(reply)
    return await _page(visit, form)


async def _page(visit: Visit, form: Form) -> web.Response:
    found = (await visit.get("benefits/own-links"))["items"]
    return visit.page(
        "my/report.html",
        "身に覚えのない受け取り先を止める",
        status=422 if form.errors else 200,
        crumbs=(("/my", "申し込んだ施策"),),
        form=form,
        choices=[
            (one["id"], one["name"], f"下4けた {one['account_end'] or 'なし'}")
            for one in found
            if one["stopped_at"] is None
        ],
        stopped=[one for one in found if one["stopped_at"] is not None],
    )
