"""What a resident applied for, what comes next, and the record of each application."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.pages.residents.messages import unread_of
from gateway.portal.residents import cards, words
from gateway.portal.residents.had import names_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_ID = "{application_id:[0-9a-f]{8}-[0-9a-f-]{27}}"
_AT = ("/my", "/desk")


def home_of(visit: Visit) -> str:
    """Where a resident's own pages begin: at home, or at the desk."""
    return "/desk" if visit.person.desk_id else "/my"


async def family_of(visit: Visit) -> dict[str, Any]:
    """The resident, and whom the resident acts for."""
    found: dict[str, Any] = await visit.get("identity/own-family")
    return found


@pages.get("/my", "/desk/now")
async def my(visit: Visit) -> web.StreamResponse:
    """The one thing to do next; what is under way; what is over."""
    items = (await visit.get("benefits/own-applications", {"limit": "50"}))["items"]
    under_way = [item for item in items if item["status"]["word"] not in words.OVER]
    family = await family_of(visit)
    return visit.page(
        "my/home.html",
        "申し込んだ施策",
        base=home_of(visit),
        next=words.next_of(under_way),
        under_way=[(item, words.tasks_of(item)) for item in under_way],
        over=[item for item in items if item["status"]["word"] in words.OVER],
        family=family,
        names=names_of(family),
        unread=await unread_of(visit) if home_of(visit) == "/my" else 0,
    )


async def _application(visit: Visit) -> tuple[dict[str, Any], str]:
    reply = await visit.ask("GET", f"benefits/own-applications/{visit.part('application_id')}")
    if not reply.ok:
        raise Answered(reply)
    return reply.json(), reply.headers.get("ETag", "")


@pages.get(*(f"{at}/applications/{_ID}" for at in _AT))
async def application(visit: Visit) -> web.StreamResponse:
    """One application, with every step of it."""
    return await _application_page(visit, Form())


async def _application_page(visit: Visit, form: Form) -> web.Response:
    found, tag = await _application(visit)
    item, base = found["application"], home_of(visit)
    form["version"] = tag
    return visit.page(
        "my/application.html",
        f"申込み {item['reference']}",
        status=422 if form.errors else 200,
        crumbs=((f"{base}" if base == "/my" else "/desk/now", "申し込んだ施策"),),
        form=form,
        base=base,
        item=item,
        events=found["events"],
        papers=found["papers"],
        steps=words.tasks_of(item),
        names=names_of(await family_of(visit)),
    )


@pages.post(*(f"{at}/applications/{_ID}/withdrawal" for at in _AT))
async def withdraw(visit: Visit) -> web.StreamResponse:
    """Take an application back before it is decided."""
    form = await visit.form()
    path = f"benefits/own-applications/{visit.part('application_id')}"
    headers = {"If-Match": form["version"]}
    reply = await visit.ask("POST", f"{path}/withdrawal", key=form.key, headers=headers)
    if reply.ok:
        address = f"{home_of(visit)}/applications/{visit.part('application_id')}"
        return visit.go(f"{address}?done=application_withdrawn")
    if not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    return await _application_page(visit, form)
