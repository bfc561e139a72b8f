"""Staff at a desk saw that points go to a wrong account: it is stopped at once, and looked into."""

import re
import unicodedata

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(organisations=frozenset({"municipality"}))
_HERE = "/desk/mislinks/new"
_STAFF = frozenset({"admin", "editor", "reviewer", "approver"})
_REFERENCE = re.compile(r"K-?([0-9A-Z]{4})-?([0-9A-Z]{4})")


@pages.get(_HERE, roles=_STAFF)
async def report(visit: Visit) -> web.StreamResponse:
    """What is needed to stop it."""
    return _page(visit, Form())


@pages.post(_HERE, roles=_STAFF)
async def reported(visit: Visit) -> web.StreamResponse:
    """Nothing goes there from now on, and a case is opened."""
    form = await visit.form()
    typed = unicodedata.normalize("NFKC", form["reference"]).upper().replace(" ", "")
    read = _REFERENCE.fullmatch(typed)
    if read is None:
        form.wrong("reference", "受付番号を、控えのとおりに入れてください。例：K-7F3M-20B9")
    else:
        form["reference"] = f"K-{read[1]}-{read[2]}"
    form.need("words", "何がまちがっているかを書いてください")
    if form.errors:
        return _page(visit, form)
    body = form.pick(("reference", "words"))
    reply = await visit.ask("POST", "benefits/mislinks", body=body, key=form.key)
    if reply.ok:
        return visit.page(
            "helped/mislink_stopped.html",
            "受け取り先を止めました",
            crumbs=(("/desk", "支援窓口"),),
            found=reply.json(),
        )
    if not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    return _page(visit, form)


def _page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "helped/mislink.html",
        "まちがった受け取り先を止める",
        status=422 if form.errors else 200,
        crumbs=(("/desk", "支援窓口"),),
        form=form,
    )
