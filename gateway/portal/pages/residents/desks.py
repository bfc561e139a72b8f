"""The assisted desk: staff at a terminal, and one person with the card after the other."""

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages(organisations=frozenset({"municipality"}))
_TERMINAL = "__Host-machipo-terminal"
_KEEP_SECONDS = 400 * 24 * 3600


def _terminal(visit: Visit) -> str:
    """What this terminal was called when somebody last began here."""
    kept = visit.request.cookies.get(_TERMINAL, "")
    try:
        return bytes.fromhex(kept).decode()[:40]
    except ValueError:
        return ""


@pages.get("/desk")
async def desk(visit: Visit) -> web.StreamResponse:
    """Between two people: nothing of the one before is left."""
    found = await visit.get("identity/desk")
    return visit.page("helped/desk.html", "支援窓口", found=found, terminal=_terminal(visit))


@pages.get("/desk/start")
async def start(visit: Visit) -> web.StreamResponse:
    """The card of the next person."""
    return await _start_page(visit, Form.of({"terminal": _terminal(visit)}))


@pages.post("/desk/start")
async def started(visit: Visit) -> web.StreamResponse:
    """Begin with the person whose card lies on the reader."""
    form = await visit.form()
    form.need("terminal", "端末の名前を入れてください。例：1番窓口")
    terminal = form["terminal"][:40]
    read = await cards.answered(visit, form, "desk", terminal) if not form.errors else None
    if read is None:
        return await _start_page(visit, form)
    entering = await visit.card_door.sign_in_by_card(visit.request, read, terminal)
    if entering.state != "open":
        form.wrong("card_id", str(entering.reply.json().get("detail") or "もう一度お試しください"))
        return await _start_page(visit, form)
    answer = visit.go("/desk/now")
    name = terminal.encode().hex()
    flags = "Path=/; Secure; HttpOnly; SameSite=Lax"
    answer.headers.add("Set-Cookie", f"{_TERMINAL}={name}; Max-Age={_KEEP_SECONDS}; {flags}")
    for cookie in entering.cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer


async def _start_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "helped/start.html",
        "次の方を始める",
        status=422 if form.errors else 200,
        crumbs=(("/desk", "支援窓口"),),
        form=form,
        cards=await cards.simulated(visit),
    )


@pages.get("/desk/ended")
async def ended(visit: Visit) -> web.StreamResponse:
    """Nothing of anybody is left on the screen."""
    return await _cleared(visit, "left", visit.page("helped/ended.html", "終わりました"))


async def _cleared(visit: Visit, reason: str, answer: web.Response) -> web.Response:
    for cookie in await visit.card_door.end_at_desk(visit.request, reason):
        answer.headers.add("Set-Cookie", cookie)
    return answer
