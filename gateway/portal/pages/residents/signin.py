"""Signing in by card, at home."""

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit, own_path

pages = Pages()
_CRUMBS = (("/", "ホーム"), ("/signin", "ログイン"))


@pages.get("/signin/card")
async def signin(visit: Visit) -> web.StreamResponse:
    """What is needed, and the reader."""
    if visit.resident is not None:
        return visit.go(own_path(visit.query("next"), "/my"))
    return await _page(visit, Form.of({"next": visit.query("next")}))


@pages.post("/signin/card")
async def sign_in(visit: Visit) -> web.StreamResponse:
    """Open a session for the person whose card was read."""
    form = await visit.form()
    read = await cards.answered(visit, form, "sign_in")
    if read is None:
        return await _page(visit, form)
    entering = await visit.card_door.sign_in_by_card(visit.request, read)
    if entering.state != "open":
        form.wrong("card_id", _why(entering.reply.json()))
        return await _page(visit, form)
    answer = visit.go(own_path(form["next"], "/my"))
    for cookie in entering.cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer


def _why(problem: object) -> str:
    detail = problem.get("detail") if isinstance(problem, dict) else ""
    return str(detail or "いま確認できません。少し待ってからもう一度お試しください。")


async def _page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "my/signin.html",
        "カードでログイン",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        cards=await cards.simulated(visit),
    )
