"""Files of target lists and of measures: choose one, see how far reading has come, let it count or mend its rows."""

from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS
from gateway.portal.files import file_answer
from gateway.portal.forms import Form
from gateway.portal.pages.own_measures.asking import LIST, ONE, address_of, crumbs_of, measure_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Crumbs, Visit
from gateway.portal.words import moment

pages = Pages(frozenset({"municipality"}))
_JOB = LIST + "/imports/{import_id:[0-9a-f-]{36}}"
_WORKING = frozenset({"uploaded", "checking", "importing"})
_ERRORS = "100"
#: What a file holds, in words.
_KINDS = {"targets": "名簿", "measures": "施策のファイル"}
#: The columns a file of measures may have.
HEADINGS = (
    "施策の名前",
    "施策の名前（やさしい日本語）",
    "ひとことの説明",
    "本文",
    "年度",
    "目的",
    "申込みの型",
    "付与の方法",
    "金額",
    "率",
    "1人の上限",
    "予算",
    "定員",
    "申込みの開始日",
    "申込みの締切日",
    "受け取り先を決める期限",
)


@pages.get(f"{ONE}/targets", roles=EDITORS)
async def targets(visit: Visit) -> web.StreamResponse:
    """The target list that counts, and the form to hand in another."""
    return await _targets_page(visit, Form())


@pages.post(f"{ONE}/targets", roles=EDITORS)
async def hand_in_targets(visit: Visit) -> web.StreamResponse:
    """Hand a target list in; on to the page that shows how far reading has come."""
    form = await visit.form()
    wanted = {"kind": "targets", "measure_id": visit.part("measure_id")}
    return await _handed_in(visit, form, wanted) or await _targets_page(visit, form)


@pages.get(f"{ONE}/targets.csv", roles=EDITORS)
async def targets_file(visit: Visit) -> web.StreamResponse:
    """Everybody on the list that counts, as a file."""
    path = f"registry/target-lists/{visit.part('measure_id')}/targets.csv"
    return file_answer(await visit.ask("GET", path))


@pages.get(f"{LIST}/import", roles=EDITORS)
async def measures(visit: Visit) -> web.StreamResponse:
    """The form to hand in a file of measures."""
    return await _measures_page(visit, Form())


@pages.post(f"{LIST}/import", roles=EDITORS)
async def hand_in_measures(visit: Visit) -> web.StreamResponse:
    """Hand a file of measures in; on to the page that shows how far reading has come."""
    form = await visit.form()
    return await _handed_in(visit, form, {"kind": "measures"}) or await _measures_page(visit, form)


@pages.get(_JOB, roles=EDITORS)
async def job(visit: Visit) -> web.StreamResponse:
    """How far reading has come, or what it came to."""
    found = await _import_of(visit)
    asked = {"limit": _ERRORS} | ({"after": visit.query("after")} if visit.query("after") else {})
    errors: dict[str, Any] = {"items": [], "next": None}
    if found["rows_faulty"] and found["state"] not in _WORKING:
        errors = await visit.get(f"registry/imports/{found['import_id']}/errors", asked)
    return visit.page(
        "measures/import.html",
        title_of(found),
        crumbs=await _crumbs(visit, found),
        found=found,
        errors=errors,
        working=found["state"] in _WORKING,
        said=said_of(found),
        address=_address(found),
        back=_back(found),
    )


@pages.get(f"{_JOB}/progress", roles=EDITORS)
async def progress(visit: Visit) -> web.StreamResponse:
    """The same in figures, for the module that keeps the page up to date."""
    found = await _import_of(visit)
    return web.json_response(
        {
            "working": found["state"] in _WORKING,
            "read": found["rows_read"],
            "expected": max(found["rows_expected"], 1),
            "said": said_of(found),
        },
        headers={"Cache-Control": "no-store"},
    )


@pages.get(f"{_JOB}/faulty.csv", roles=EDITORS)
async def faulty(visit: Visit) -> web.StreamResponse:
    """The rows that must be mended, as a file."""
    path = f"registry/imports/{visit.part('import_id')}/faulty.csv"
    return file_answer(await visit.ask("GET", path))


@pages.post(f"{_JOB}/{{act:confirm|cancel}}", roles=EDITORS)
async def decide(visit: Visit) -> web.StreamResponse:
    """Everything in the file shall count, or nothing."""
    form, act = await visit.form(), visit.part("act")
    reply = await visit.ask(
        "POST",
        f"registry/imports/{visit.part('import_id')}/{act}",
        body={},
        key=form.key,
        headers={"If-Match": form["revision"] or "0"} if act == "confirm" else {},
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go(_address(reply.json()))


def title_of(found: dict[str, Any]) -> str:
    """The page's heading, which says how it stands."""
    what, rows = _KINDS[found["kind"]], f"{found['rows_read']:,}行"
    return {
        "uploaded": f"{what}を確かめています",
        "checking": f"{what}を確かめています",
        "checked": f"{rows}すべて取り込めます",
        "refused": "直すところがあります"
        if found["rows_faulty"]
        else "このファイルは取り込めません",
        "importing": f"{rows}を取り込んでいます",
        "imported": f"{rows}を取り込みました",
        "failed": "取り込めませんでした",
        "cancelled": "取り込みをやめました",
    }[str(found["state"])]


def said_of(found: dict[str, Any]) -> str:
    """How far it has come, in a sentence."""
    if found["state"] == "uploaded":
        return "順番を待っています。"
    if found["state"] == "importing":
        return "すべての行を、まとめて取り込んでいます。"
    if not found["rows_read"]:
        return "読み始めています。"
    about = moment(found["ends_about"])
    ends = f"終わりの見込みは {about} ごろです。" if about else ""
    return f"{found['rows_expected']:,}行のうち {found['rows_read']:,}行を読みました。{ends}"


async def _handed_in(visit: Visit, form: Form, wanted: dict[str, str]) -> web.Response | None:
    given = form.files.get("file")
    if given is None:
        form.wrong("file", "ファイルを選んでください")
        return None
    reply = await visit.ask(
        "POST",
        "registry/imports",
        body=given,
        query=wanted | {"name": given.name[:255]},
        key=form.key,
        headers={"Content-Type": "application/octet-stream"},
    )
    if reply.ok:
        return visit.go(_address(reply.json()))
    if reply.status not in (409, 413, 415, 422):
        raise Answered(reply)
    form.wrong("file", str(reply.json().get("detail", "")).removesuffix("。"))
    return None


async def _targets_page(visit: Visit, form: Form) -> web.Response:
    found = await measure_of(visit)
    lists = await visit.get(f"registry/target-lists/{found['measure_id']}")
    return visit.page(
        "measures/targets.html",
        "付与対象者リスト",
        status=422 if form.errors else 200,
        crumbs=crumbs_of(found),
        form=form,
        within=found["title"],
        measure=found,
        lists=lists,
        imports=await _earlier(visit, {"kind": "targets", "measure_id": found["measure_id"]}),
        one=address_of(visit),
    )


async def _measures_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "measures/import_measures.html",
        "施策の取り込み",
        status=422 if form.errors else 200,
        crumbs=crumbs_of(),
        form=form,
        headings=HEADINGS,
        imports=await _earlier(visit, {"kind": "measures"}),
    )


async def _earlier(visit: Visit, asked: dict[str, str]) -> list[dict[str, Any]]:
    found: dict[str, Any] = await visit.get("registry/imports", asked | {"limit": "10"})
    items: list[dict[str, Any]] = found["items"]
    return items


async def _import_of(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/imports/{visit.part('import_id')}")
    return found


async def _crumbs(visit: Visit, found: dict[str, Any]) -> Crumbs:
    if found["kind"] == "measures":
        return (*crumbs_of(), (_back(found), "施策の取り込み"))
    measure = await visit.get(f"registry/own-measures/{found['measure_id']}")
    return (*crumbs_of(measure), (_back(found), "付与対象者リスト"))


def _address(found: dict[str, Any]) -> str:
    return f"{LIST}/imports/{found['import_id']}"


def _back(found: dict[str, Any]) -> str:
    return f"{LIST}/{found['measure_id']}/targets" if found["measure_id"] else f"{LIST}/import"
