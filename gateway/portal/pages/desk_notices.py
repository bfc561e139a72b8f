"""Notices on the secretariat's desk: written, looked at as readers will, scheduled, amended, taken back."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import JAPAN
from gateway.portal.asking import Reply
from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form
from gateway.portal.mending import mend
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import AUDIENCES, NOTICE, NOTICE_CATEGORIES

pages = Pages(SECRETARIAT_ONLY)
_LIST = "/secretariat/notices"
_CRUMBS = (("/secretariat", "仕事の一覧"), (_LIST, "お知らせ"))
_LANGUAGES = (("ja", "日本語"), ("easy", "やさしい日本語"), ("en", "英語"))
_LINKS = range(3)
_STATES = ("draft", "scheduled", "published", "ended", "withdrawn")
_PLACES = {
    **{
        f"texts.{name}.{part}": f"{name}_{part}"
        for name, _ in _LANGUAGES
        for part in ("title", "body")
    },
    **{f"links.{n}": f"link_{n}_target" for n in _LINKS},
}


@pages.get(_LIST)
async def notices(visit: Visit) -> web.StreamResponse:
    """Notices in every state."""
    state = visit.query("state") if visit.query("state") in _STATES else ""
    asked = {"state": state} if state else {}
    after = {"after": visit.query("after")} if visit.query("after") else {}
    found = await visit.get("content/desk/notices", asked | after)
    following = found.get("next")
    return visit.page(
        "desk_content/notices.html",
        "お知らせを出す",
        crumbs=_CRUMBS[:1],
        found=found,
        state=state,
        states=[(name, NOTICE[name][1]) for name in _STATES],
        may_write=visit.has(*EDITORS),
        next_address=f"{_LIST}?{urlencode(asked | {'after': following})}" if following else "",
    )


@pages.get(f"{_LIST}/new", roles=EDITORS)
async def new(visit: Visit) -> web.StreamResponse:
    """An empty notice."""
    return _form_page(visit, Form.of({"audience": "public"}), None)


@pages.post(f"{_LIST}/new", roles=EDITORS)
async def begun(visit: Visit) -> web.StreamResponse:
    """Keep a new notice as a draft, and show it as readers will see it."""
    form = await visit.form()
    reply = await visit.ask("POST", "content/desk/notices", body=_writing(form), key=form.key)
    if not reply.ok:
        return _again(visit, form, reply, None)
    return visit.go(f"{_LIST}/{reply.json()['notice_id']}?done=drafted")


@pages.get(f"{_LIST}/{{notice_id}}")
async def notice(visit: Visit) -> web.StreamResponse:
    """One notice as readers see it, in every language, and what may be done with it."""
    return await _shown(visit, Form())


@pages.get(f"{_LIST}/{{notice_id}}/edit", roles=EDITORS)
async def edit(visit: Visit) -> web.StreamResponse:
    """The words of a notice, ready to be altered."""
    found = await visit.get(_path(visit))
    return _form_page(visit, Form.of(_fields(found)), found)


@pages.post(f"{_LIST}/{{notice_id}}/edit", roles=EDITORS)
async def edited(visit: Visit) -> web.StreamResponse:
    """Keep the altered words."""
    form = await visit.form()
    reply = await visit.ask(
        "PUT",
        _path(visit),
        body=_writing(form),
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )
    if not reply.ok:
        return _again(visit, form, reply, await visit.get(_path(visit)))
    found = reply.json()
    done = "mended" if found["state"] == "published" else "drafted"
    return visit.go(f"{_LIST}/{found['notice_id']}?done={done}")


@pages.post(f"{_LIST}/{{notice_id}}/{{act:schedule|unschedule|withdraw|take-down}}", roles=EDITORS)
async def acted(visit: Visit) -> web.StreamResponse:
    """Publish, plan, take back."""
    form, act = await visit.form(), visit.part("act")
    reply = await visit.ask(
        "POST",
        f"{_path(visit)}/{act}",
        body=_body(form, act),
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )
    if reply.status in (409, 412, 422):
        form.take(reply.json())
        return await _shown(visit, form)
    if not reply.ok:
        raise Answered(reply)
    found = reply.json()
    done = {"unschedule": "unscheduled", "withdraw": "taken_back", "take-down": "mended"}
    return visit.go(f"{_LIST}/{found['notice_id']}?done={done.get(act, found['state'])}")


@pages.post(f"{_LIST}/{{notice_id}}/amend", roles=EDITORS)
async def amended(visit: Visit) -> web.StreamResponse:
    """Begin a correction, with the words of what it corrects."""
    form = await visit.form()
    reply = await visit.ask("POST", f"{_path(visit)}/amendments", body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_LIST}/{reply.json()['notice_id']}/edit")


@pages.post(f"{_LIST}/{{notice_id}}/discard", roles=EDITORS)
async def discarded(visit: Visit) -> web.StreamResponse:
    """Throw a draft away."""
    form = await visit.form()
    version = {"If-Match": f'"{form["version"]}"'}
    reply = await visit.ask("DELETE", _path(visit), key=form.key, headers=version)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_LIST}?done=discarded")


def _path(visit: Visit) -> str:
    return f"content/desk/notices/{visit.part('notice_id')}"


async def _shown(visit: Visit, form: Form) -> web.Response:
    found = await visit.get(_path(visit))
    return visit.page(
        "desk_content/notice.html",
        found["writing"]["texts"]["ja"]["title"],
        # Windows that recur have notices of one title.
        within=f"お知らせ {found['notice_id'][-6:]}",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        notice=found,
        languages=_LANGUAGES,
        may_write=visit.has(*EDITORS),
    )


def _form_page(visit: Visit, form: Form, found: dict[str, Any] | None) -> web.Response:
    return visit.page(
        "desk_content/notice_form.html",
        "お知らせを直す" if found else "新しいお知らせ",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        notice=found,
        languages=_LANGUAGES,
        categories=NOTICE_CATEGORIES.items(),
        audiences=AUDIENCES.items(),
        links=_LINKS,
    )


def _again(visit: Visit, form: Form, reply: Reply, found: dict[str, Any] | None) -> web.Response:
    mend(form, reply, _PLACES)
    return _form_page(visit, form, found)


def _fields(found: dict[str, Any]) -> dict[str, Any]:
    """A notice as the fields of its form."""
    writing = found["writing"]
    fields = {"version": found["version"], **{n: writing[n] for n in ("category", "audience")}}
    for name, text in writing["texts"].items():
        if text:
            fields |= {f"{name}_title": text["title"], f"{name}_body": text["body"]}
    for n, link in enumerate(writing["links"]):
        fields |= {f"link_{n}_target": link["target"], f"link_{n}_label": link["label"]}
    return fields


def _writing(form: Form) -> dict[str, Any]:
    """What was typed, as content takes it; a language without a title is none."""
    texts = {
        name: {"title": form[f"{name}_title"], "body": form[f"{name}_body"]}
        for name, _ in _LANGUAGES
        if name == "ja" or form[f"{name}_title"] or form[f"{name}_body"]
    }
    links = [
        _link(form[f"link_{n}_target"], form[f"link_{n}_label"])
        for n in _LINKS
        if form[f"link_{n}_target"]
    ]
    given = form.pick(("category", "audience"))
    return {**given, "texts": texts, "links": links}


def _link(target: str, label: str) -> dict[str, str]:
    """What kind of link it is, told from what was typed."""
    kind = "page" if target.startswith("/") else "outside" if ":" in target else "file"
    return {"kind": kind, "target": target, "label": label or target}


def _body(form: Form, act: str) -> dict[str, Any]:
    if act == "unschedule":
        return {}
    if act == "withdraw":
        return {"reason": form["reason"], "successor_id": form["successor_id"] or None}
    down = {"take_down_at": instant(form["take_down_at"])}
    return down if act == "take-down" else {"publish_at": instant(form["publish_at"]), **down}


def instant(typed: str) -> str | None:
    """What was typed on Japan's clock, as an instant; what is none goes on as it is, to be refused."""
    try:
        read = datetime.fromisoformat(typed) if typed else None
    except ValueError:
        return typed
    return read.replace(tzinfo=read.tzinfo or JAPAN).isoformat() if read else None
