"""At an assisted desk with somebody: measures to apply to, and the end."""

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.measures.words import amount_of, last_moment
from gateway.portal.residents.words import waiting_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Refused, Visit

pages = Pages(residents=True)


@pages.get("/desk/measures")
async def measures(visit: Visit) -> web.StreamResponse:
    """What one can apply to now, in words a person at the desk can choose from."""
    query = {"state": "open", "q": visit.query("q")[:60], "limit": "20"}
    found = await visit.get("registry/measures", {k: v for k, v in query.items() if v})
    rows = [(one, amount_of(one), last_moment(one["apply_until"])) for one in found["items"]]
    return visit.page("helped/measures.html", "申し込む施策をえらぶ", rows=rows, q=visit.query("q"))


@pages.get("/desk/end")
async def end(visit: Visit) -> web.StreamResponse:
    """What was done, and the card that goes back."""
    return await _end_page(visit, Form())


async def _end_page(visit: Visit, form: Form) -> web.Response:
    items = (await visit.get("benefits/own-applications", {"limit": "50"}))["items"]
    return visit.page(
        "helped/end.html",
        "この方の手続きを終える",
        status=422 if form.errors else 200,
        form=form,
        acts=await visit.get("benefits/own-desk-acts"),
        waiting=waiting_of(items),
    )


@pages.post("/desk/end")
async def ended(visit: Visit) -> web.StreamResponse:
    """This person is done."""
    form = await visit.form()
    if form["returned"] != "yes":
        form.wrong("returned", "カードをお返ししたことを確かめてください")
        return await _end_page(visit, form)
    return await _over(visit, "finished")


@pages.post("/desk/signal")
async def signal(visit: Visit) -> web.StreamResponse:
    """What the terminal reports by itself: the card is gone, or somebody touched a key."""
    form = await visit.form()
    if form["what"] == "touched":
        return web.Response(status=204)
    if form["what"] not in ("card-removed", "receipt", "left"):
        raise Refused(404)
    return await _over(visit, form["what"])


async def _over(visit: Visit, reason: str) -> web.Response:
    answer = visit.go("/desk/ended")
    for cookie in await visit.card_door.end_at_desk(visit.request, reason):
        answer.headers.add("Set-Cookie", cookie)
    return answer
