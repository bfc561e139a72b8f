"""Documents, files and handouts on the secretariat's desk, and the whole site at another time."""

from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form, date_fields, instant_field
from gateway.portal.pages.desk_notices import instant
from gateway.portal.routes import Pages
from gateway.portal.shelf import format_of
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import AUDIENCES, as_instant

pages = Pages(SECRETARIAT_ONLY)
_LIST = "/secretariat/documents"
_CRUMBS = (("/secretariat", "仕事の一覧"), (_LIST, "資料・要領"))
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "csv": "text/csv",
    "zip": "application/zip",
}


@pages.get(_LIST)
async def documents(visit: Visit) -> web.StreamResponse:
    """The shelf, the files that came in, and what is handed out."""
    return await _desk(visit, Form())


async def _desk(visit: Visit, form: Form) -> web.Response:
    shelved = await visit.get("content/own/documents")
    files = await visit.get("content/desk/files")
    materials = await visit.get("content/own/materials")
    return visit.page(
        "desk_content/documents.html",
        "資料・要領を出す",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS[:1],
        form=form,
        documents=shelved["items"],
        files=files["items"],
        checked=[f for f in files["items"] if f["state"] == "checked"],
        materials=materials["items"],
        audiences=AUDIENCES.items(),
        may_write=visit.has(*EDITORS),
        format_of=format_of,
    )


@pages.post(f"{_LIST}/files", roles=EDITORS)
async def sent(visit: Visit) -> web.StreamResponse:
    """Take a file in; it waits in quarantine until it was looked through."""
    form = await visit.form()
    given = form.files.get("file")
    if given is None:
        form.wrong("file", "ファイルを選んでください")
        return await _desk(visit, form)
    kind = _MEDIA.get(given.name.rpartition(".")[2].lower(), "application/pdf")
    told = {
        "name": given.name,
        "media_type": kind,
        "size": given.size,
        "sha256": await given.sha256(),
    }
    reply = await visit.ask("POST", "content/desk/files", body=told, key=form.key)
    if reply.ok:
        path = f"content/desk/files/{reply.json()['file_id']}/content"
        heads = {"Content-Type": kind}
        reply = await visit.ask("PUT", path, body=given, key=f"{form.key}-c", headers=heads)
    if reply.ok:
        return visit.go(f"{_LIST}?done=file_received")
    if reply.status not in (413, 415, 422):
        raise Answered(reply)
    problem = reply.json()
    first = next(iter(problem.get("errors") or []), problem)
    form.wrong("file", str(first.get("detail", "")).removesuffix("。"))
    return await _desk(visit, form)


@pages.post(f"{_LIST}/materials", roles=EDITORS)
async def handed_out(visit: Visit) -> web.StreamResponse:
    """Hand a file out to its readers."""
    form = await visit.form()
    body = form.pick(("file_id", "title", "audience"))
    reply = await visit.ask("POST", "content/desk/materials", body=body, key=form.key)
    if reply.status in (409, 422):
        form.take(reply.json())
        return await _desk(visit, form)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_LIST}?done=handed_out")


@pages.get(f"{_LIST}/{{slug}}/new-version", roles=EDITORS)
async def version(visit: Visit) -> web.StreamResponse:
    """A new version, beginning with the text of the newest."""
    newest = await visit.get(_path(visit))
    fields = {
        "version": newest["version"],
        **{name: newest[name] for name in ("title", "about", "text")},
        **date_fields("effective_on", visit.at.date().isoformat()),
    }
    return await _version_page(visit, Form.of(fields), newest)


@pages.post(f"{_LIST}/{{slug}}/new-version", roles=EDITORS)
async def version_published(visit: Visit) -> web.StreamResponse:
    """Publish the new version; its notice is made by itself."""
    form = await visit.form()
    newest = await visit.get(_path(visit))
    day = form.date("effective_on", "適用日")
    if day is None:
        form.wrong("effective_on", "適用日を入れてください")
        return await _version_page(visit, form, newest)
    body = {
        **form.pick(("title", "about", "change_note")),
        "effective_on": day.isoformat(),
        "texts": {"ja": form["text"]},
        "files": form.all("files"),
    }
    reply = await visit.ask(
        "POST",
        f"{_path(visit)}/versions",
        body=body,
        key=form.key,
        headers={"If-Match": f'"{form["version"]}"'},
    )
    if reply.status in (409, 412, 422):
        form.take(reply.json(), {"texts.ja": "text"})
        return await _version_page(visit, form, newest)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_LIST}?done=version_published")


def _path(visit: Visit) -> str:
    return f"content/desk/documents/{visit.part('slug')}"


async def _version_page(visit: Visit, form: Form, newest: dict[str, Any]) -> web.Response:
    files = await visit.get("content/desk/files")
    return visit.page(
        "desk_content/version_form.html",
        f"{newest['title']}の新しい版",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        newest=newest,
        files=[(f["file_id"], f["name"]) for f in files["items"] if f["state"] == "checked"],
    )


@pages.get("/secretariat/site")
async def site(visit: Visit) -> web.StreamResponse:
    """The public site as it was, or as it will be by what is scheduled now."""
    form = Form.of({"at": visit.query("at"), "eyes": visit.query("eyes") or "public"})
    at = instant(form["at"]) or visit.at.isoformat()
    reply = await visit.ask("GET", "content/desk/site", query={"at": at, "eyes": form["eyes"]})
    if reply.status == 422:
        form.wrong("at", "日時を 2023-11-30T10:00 の形で入れてください")
    elif not reply.ok:
        raise Answered(reply)
    found = reply.json() if reply.ok else {}
    planned = await visit.ask("GET", "scheduling/programme/site", query={"at": at})
    form["at"] = instant_field(found["at"]) if found else form["at"]
    return visit.page(
        "desk_content/site.html",
        "この日時のサイト",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS[:1],
        form=form,
        site=found,
        sessions=planned.json()["items"] if planned.ok else None,
        format_of=format_of,
        future=bool(found) and as_instant(found["at"]) > visit.at,
    )
