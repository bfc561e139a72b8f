"""A resident shows papers, answers what the municipality asked, and says at an occasion to be there."""

from typing import Any

from aiohttp import web

from gateway.portal.files import file_answer
from gateway.portal.forms import Form
from gateway.portal.pages.residents.my import home_of
from gateway.portal.residents import cards
from gateway.portal.review_words import FILES
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_ID = "{application_id:[0-9a-f]{8}-[0-9a-f-]{27}}"
_PAPERS = tuple(f"{at}/applications/{_ID}/papers" for at in ("/my", "/desk"))
_FILES = tuple(f"{path}/{{evidence_id:[0-9a-f-]{{36}}}}" for path in _PAPERS)
_ATTEND = "/my/attend/{code:[0-9a-z]{1,200}}"


@pages.get(*_PAPERS)
async def papers(visit: Visit) -> web.StreamResponse:
    """The papers of an application, and what was handed in."""
    return await _papers_page(visit, Form())


@pages.post(*_PAPERS)
async def handed_in(visit: Visit) -> web.StreamResponse:
    """Hand in the chosen files, take one back, or say that everything is there."""
    form, own = await visit.form(), _own(visit)
    if form["remove"]:
        reply = await visit.ask("DELETE", f"{own}/evidence/{form['remove']}", key=form.key)
    elif form.files:
        reply = None
        for code in form.files:
            await _hand_in(visit, form, code)
    else:
        headers = {"If-Match": form["version"]}
        reply = await visit.ask("POST", f"{own}/answer", key=form.key, headers=headers)
        if reply.ok:
            return visit.go(f"{_home(visit)}?done=answered")
    if reply is not None and not reply.ok and not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    if form.errors:
        return await _papers_page(visit, form)
    return visit.go(f"{visit.path}?done={'removed' if form['remove'] else 'uploaded'}")


@pages.get(*_FILES)
async def paper(visit: Visit) -> web.StreamResponse:
    """A paper of one's own."""
    path = f"{_own(visit)}/evidence/{visit.part('evidence_id')}"
    return file_answer(await visit.ask("GET", path))


@pages.get(_ATTEND)
async def attending(visit: Visit) -> web.StreamResponse:
    """The code of an occasion was read; the person says to be there."""
    return _attend_page(visit, Form())


@pages.post(_ATTEND)
async def attended(visit: Visit) -> web.StreamResponse:
    """The attendance is written down."""
    form = await visit.form()
    body = {"code": visit.part("code")}
    reply = await visit.ask("POST", "benefits/own-attendances", body=body, key=form.key)
    if reply.ok:
        found = reply.json()["application"]
        return visit.go(f"/my/applications/{found['id']}?done=attended")
    if not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    return _attend_page(visit, form)


async def _hand_in(visit: Visit, form: Form, code: str) -> None:
    given = form.files[code]
    reply = await visit.ask(
        "POST",
        f"{_own(visit)}/evidence",
        body=given,
        query={"code": code, "name": given.name[:255]},
        key=f"{form.key}-{code}",
        headers={"Content-Type": "application/octet-stream"},
    )
    if reply.status in (409, 413, 415, 422):
        form.wrong(code, str(reply.json().get("detail", "")).removesuffix("。"))
    elif not reply.ok:
        raise Answered(reply)


def _own(visit: Visit) -> str:
    return f"benefits/own-applications/{visit.part('application_id')}"


def _home(visit: Visit) -> str:
    return f"{home_of(visit)}/applications/{visit.part('application_id')}"


async def _papers_page(visit: Visit, form: Form) -> web.Response:
    reply = await visit.ask("GET", _own(visit))
    if not reply.ok:
        raise Answered(reply)
    found: dict[str, Any] = reply.json()
    given = (await visit.get(f"{_own(visit)}/evidence"))["items"]
    by_code = {one["code"]: one for one in given}
    form["version"] = reply.headers.get("ETag", "")
    item = found["application"]
    return visit.page(
        "my/papers.html",
        f"{item['reference']}の書類",
        status=422 if form.errors else 200,
        crumbs=((home_of(visit), "申し込んだ施策"), (_home(visit), f"申込み {item['reference']}")),
        form=form,
        item=item,
        here=visit.path,
        papers=[(paper, by_code.get(paper["code"])) for paper in found["papers"]],
        files=FILES,
    )


def _attend_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "my/attend.html",
        "会への参加",
        status=422 if form.errors else 200,
        crumbs=(("/my", "申し込んだ施策"),),
        form=form,
        here=visit.path,
    )
