"""The secretariat's editor of sessions: plan, publish, change, call off, add papers and corrections."""

from typing import Any

from aiohttp import web

from gateway.portal import programme
from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form
from gateway.portal.mending import mend
from gateway.portal.planned import TEXTS, filled_in, typed_session
from gateway.portal.routes import Pages
from gateway.portal.signed_up import sign_ups_of
from gateway.portal.visit import Visit

pages = Pages(SECRETARIAT_ONLY)
_ADDRESS = "/secretariat/programme"
_ONE = _ADDRESS + "/{session_id:[0-9a-f-]{36}}"
_SERVICE = "scheduling/programme/sessions"
_CRUMBS = (("/secretariat", "仕事の一覧"),)
_BELOW = (*_CRUMBS, (_ADDRESS, "説明会・会議の計画"))
_SETS = {"coming": "これから", "drafts": "下書き", "held": "開催済み", "cancelled": "中止"}
_DONE = {"publish": "published", "cancel": "cancelled", "archive": "archived"}


@pages.get(_ADDRESS)
async def sessions(visit: Visit) -> web.StreamResponse:
    """Sessions by where they stand."""
    chosen = visit.query("state") if visit.query("state") in _SETS else "coming"
    asked = {"state": chosen, "limit": "50"}
    asked |= {"order": "latest"} if chosen == "held" else {}
    asked |= {"after": visit.query("after")} if visit.query("after") else {}
    return visit.page(
        "planning/list.html",
        "説明会・会議の計画",
        crumbs=_CRUMBS,
        found=await visit.get(_SERVICE, asked),
        sets=list(_SETS.items()),
        chosen=chosen,
        may_change=visit.has(*EDITORS),
    )


@pages.get(f"{_ADDRESS}/new", roles=EDITORS)
async def blank(visit: Visit) -> web.StreamResponse:
    """The form of a session that is not there yet."""
    return _form_page(visit, Form(), None)


@pages.post(f"{_ADDRESS}/new", roles=EDITORS)
async def draft(visit: Visit) -> web.StreamResponse:
    """A draft, which nobody outside reads."""
    form = await visit.form()
    body = typed_session(form)
    if not form.errors:
        reply = await visit.ask("POST", _SERVICE, body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_ADDRESS}/{reply.json()['id']}?done=session_drafted")
        mend(form, reply)
    return _form_page(visit, form, None)


@pages.get(_ONE)
async def session(visit: Visit) -> web.StreamResponse:
    """One session: as visitors see it, what may be done, its papers, and who signed up."""
    return await _page(visit, Form())


@pages.get(_ONE + "/edit", roles=EDITORS)
async def edit(visit: Visit) -> web.StreamResponse:
    """The form, filled in with the session as it is."""
    found = await visit.get(_path(visit))
    return _form_page(visit, filled_in(found), found)


@pages.post(_ONE + "/edit", roles=EDITORS)
async def change(visit: Visit) -> web.StreamResponse:
    """Another programme; whoever reads of it already is told."""
    form = await visit.form()
    body = {**typed_session(form), "note": form["note"]}
    if not form.errors:
        version = {"If-Match": f'"{form["version"]}"'}
        reply = await visit.ask("PUT", _path(visit), body=body, key=form.key, headers=version)
        if reply.ok:
            return visit.go(f"{_here(visit)}?done=session_changed")
        mend(form, reply)
    return _form_page(visit, form, await visit.get(_path(visit)))


@pages.post(_ONE + "/{act:publish|cancel|archive}", roles=EDITORS)
async def act(visit: Visit) -> web.StreamResponse:
    """Let everybody read of it, call it off, or put it among the old ones."""
    form, name = await visit.form(), visit.part("act")
    body = {"note": form["note"]} if name == "cancel" else None
    version = {"If-Match": f'"{form["version"]}"'}
    path = f"{_path(visit)}/{name}"
    return await _told(visit, form, path, body, _DONE[name], version)


@pages.post(_ONE + "/corrections", roles=EDITORS)
async def correct(visit: Visit) -> web.StreamResponse:
    """What was wrong about a session that is over."""
    form = await visit.form()
    return await _told(
        visit, form, f"{_path(visit)}/corrections", {"note": form["note"]}, "corrected"
    )


@pages.post(_ONE + "/materials", roles=EDITORS)
async def add_paper(visit: Visit) -> web.StreamResponse:
    """A paper, by its address."""
    form = await visit.form()
    body = {
        "title": form["paper_title"],
        "audience": form["paper_audience"] or "public",
        "address": form["address"],
    }
    return await _told(visit, form, f"{_path(visit)}/materials", body, "material_added")


async def _told(
    visit: Visit,
    form: Form,
    path: str,
    body: dict[str, Any] | None,
    done: str,
    headers: dict[str, str] | None = None,
) -> web.StreamResponse:
    reply = await visit.ask("POST", path, body=body, key=form.key, headers=headers or {})
    if reply.ok:
        return visit.go(f"{_here(visit)}?done={done}")
    mend(form, reply, {"title": "paper_title", "audience": "paper_audience"})
    return await _page(visit, form)


def _path(visit: Visit) -> str:
    return f"{_SERVICE}/{visit.part('session_id')}"


def _here(visit: Visit) -> str:
    return f"{_ADDRESS}/{visit.part('session_id')}"


async def _page(visit: Visit, form: Form) -> web.Response:
    found = await visit.get(_path(visit))
    return visit.page(
        "planning/one.html",
        f"{programme.numbered(found)}（{programme.when(found)}）",
        status=422 if form.errors else 200,
        crumbs=_BELOW,
        form=form,
        session=found,
        signed_up=await sign_ups_of(visit, found["id"], visit.query("after")),
        may_change=visit.has(*EDITORS),
    )


def _form_page(visit: Visit, form: Form, found: dict[str, Any] | None) -> web.Response:
    title = "会を計画する" if found is None else f"{programme.numbered(found)}の変更"
    below = (*_BELOW, (f"{_ADDRESS}/{found['id']}", programme.numbered(found))) if found else _BELOW
    return visit.page(
        "planning/form.html",
        title,
        status=422 if form.errors else 200,
        crumbs=below,
        form=form,
        session=found,
        texts=TEXTS,
        series=list(programme.SERIES.items()),
        audiences=list(programme.AUDIENCES.items()),
        precisions=list(programme.PRECISIONS.items()),
    )
