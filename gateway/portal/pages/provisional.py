"""Provisional accounts (仮アカウント): what was imported, and importing more from a CSV file."""

from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(SECRETARIAT_ONLY)
_ADDRESS = "/secretariat/provisional"
_IMPORT = "identity/provisional-accounts/import"
_LARGEST = 2 * 1024 * 1024


@pages.get(_ADDRESS)
async def provisional(visit: Visit) -> web.StreamResponse:
    """Imported accounts by code, and the form to import more."""
    return await _page(visit, Form())


@pages.post(_ADDRESS, roles=EDITORS)
async def look(visit: Visit) -> web.StreamResponse:
    """What the file would do; nothing has been changed yet."""
    form = await visit.form()
    text = await _text(form)
    if form.errors:
        return await _page(visit, form)
    return await _preview(visit, form, text)


@pages.post(f"{_ADDRESS}/import", roles=EDITORS)
async def bring_in(visit: Visit) -> web.StreamResponse:
    """All rows are imported, or none."""
    form = await visit.form()
    reply = await _sent(visit, form, form["rows"], "false")
    if reply.status == 422:
        return await _preview(visit, form, form["rows"])
    if not reply.ok:
        raise Answered(reply)
    count = reply.json()["imported"]
    return visit.page(
        "secretariat/provisional_done.html", "できました 仮アカウントの取り込み", imported=count
    )


async def _text(form: Form) -> str:
    given = form.files.get("file")
    if given is None:
        form.wrong("file", "CSVファイルを選んでください")
        return ""
    raw = await given.first(_LARGEST + 1)
    if len(raw) > _LARGEST:
        form.wrong("file", "ファイルは2MBまでにしてください。分けて取り込めます")
        return ""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return str(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    form.wrong("file", "文字コードを UTF-8 か Shift_JIS にしてください")
    return ""


async def _sent(visit: Visit, form: Form, text: str, dry_run: str) -> Any:
    return await visit.ask(
        "POST",
        _IMPORT,
        body=text.encode(),
        query={"dry_run": dry_run},
        key=form.key,
        headers={"Content-Type": "text/csv"},
    )


async def _preview(visit: Visit, form: Form, text: str) -> web.Response:
    reply = await _sent(visit, Form(), text, "true")
    if reply.status == 422:
        form.take(reply.json())
        form.errors = {"file": next(iter(form.errors.values()))}
        return await _page(visit, form)
    if not reply.ok:
        raise Answered(reply)
    return visit.page(
        "secretariat/provisional_preview.html",
        "仮アカウントの取り込みの確認",
        crumbs=(("/secretariat", "仕事の一覧"), (_ADDRESS, "仮アカウント")),
        form=Form(),
        result=reply.json(),
        rows=text,
    )


async def _page(visit: Visit, form: Form) -> web.Response:
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    found = await visit.get("identity/provisional-accounts", asked)
    return visit.page(
        "secretariat/provisional.html",
        "仮アカウント",
        status=422 if form.errors else 200,
        crumbs=(("/secretariat", "仕事の一覧"),),
        form=form,
        found=found,
        state=visit.query("state"),
        may_change=visit.has("admin", "editor"),
    )
