"""One measure as everybody reads it: in three languages, its change record, whether it may be for oneself."""

from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.forms import Form
from gateway.portal.measures.checking import answer_of, areas_of, asked_of, questions_of
from gateway.portal.measures.words import CLOSE_REASONS, REASONS_OF_PAUSE, title_of
from gateway.portal.residents.had import had_by_whoever_looks
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Crumbs, Refused, Visit
from gateway.portal.words import PREFECTURES

pages = Pages()
_SEARCH = (("/", "ホーム"), ("/measures", "施策をさがす"))
_ID = "{measure_id:[0-9a-f]{8}-[0-9a-f-]{27}}"


async def _measure(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/measures/{visit.part('measure_id')}")
    return found


def _crumbs(found: dict[str, Any], *, inside: bool = False) -> Crumbs:
    entry = found["entry"]
    code = entry.get("prefecture_code")
    near = ((f"/measures?prefecture={code}", PREFECTURES[code]),) if code in PREFECTURES else ()
    own = ((f"/measures/{found['measure_id']}", entry["texts"]["ja"]["title"]),) if inside else ()
    return (*_SEARCH, *near, *own)


@pages.get(f"/measures/{_ID}")
async def measure(visit: Visit) -> web.StreamResponse:
    """A measure: for whom, how much, until when, by which service."""
    found = await _measure(visit)
    entry, language = found["entry"], visit.variant
    if language == "en" and not entry["texts"].get("en"):
        language = "ja"
    text = entry["texts"][language]
    return visit.page(
        "search/easy.html" if language == "easy" else "search/measure.html",
        text["title"],
        crumbs=_crumbs(found),
        found=found,
        entry=entry,
        language=language,
        today=today(),
        why=why_not(found),
        had=await had_by_whoever_looks(visit, entry),
    )


def why_not(found: dict[str, Any]) -> str:
    """Why nobody applies now, in words."""
    reason = str(found.get("reason") or "")
    words = CLOSE_REASONS.get(reason) or REASONS_OF_PAUSE.get(reason) or reason
    return f"{words}。{found.get('message') or ''}".strip("。") if words else ""


@pages.get(f"/measures/{_ID}/apply")
async def begin(visit: Visit) -> web.StreamResponse:
    """How to apply, and who helps."""
    found = await _measure(visit)
    return visit.page(
        "search/apply.html",
        f"{title_of(found['entry'], visit.variant)}に申し込む",
        crumbs=_crumbs(found, inside=True),
        found=found,
        entry=found["entry"],
        asks_papers=bool(found["entry"]["eligibility"].get("evidence")),
        had=await had_by_whoever_looks(visit, found["entry"]),
    )


@pages.get(f"/measures/{_ID}/versions")
async def versions(visit: Visit) -> web.StreamResponse:
    """The change record of a measure."""
    found = await _measure(visit)
    record = await visit.get(f"registry/measures/{visit.part('measure_id')}/versions")
    return visit.page(
        "search/versions.html",
        f"{found['entry']['texts']['ja']['title']}の変更の記録",
        crumbs=_crumbs(found, inside=True),
        found=found,
        record=record["items"],
    )


@pages.get(f"/measures/{_ID}/versions/{{number:[0-9]{{1,9}}}}")
async def version(visit: Visit) -> web.StreamResponse:
    """One version of a measure, and what it changed."""
    number = visit.part("number")
    path = f"registry/measures/{visit.part('measure_id')}/versions/{number}"
    shown = await visit.get(path)
    found = await _measure(visit)
    record = (f"/measures/{found['measure_id']}/versions", "変更の記録")
    return visit.page(
        "search/version.html",
        f"{found['entry']['texts']['ja']['title']} 第{number}版",
        crumbs=(*_crumbs(found, inside=True), record),
        found=found,
        shown=shown,
        entry=shown["entry"],
    )


@pages.get(f"/measures/{_ID}/check")
async def check(visit: Visit) -> web.StreamResponse:
    """At most three questions."""
    return await _check_page(visit, Form(), None)


@pages.post(f"/measures/{_ID}/check")
async def checked(visit: Visit) -> web.StreamResponse:
    """What the registry makes of the answers; nothing of them is kept."""
    form = await visit.form()
    found = await _measure(visit)
    body = asked_of(form, found["entry"])
    if form.errors:
        return await _check_page(visit, form, None)
    path = f"registry/measures/{visit.part('measure_id')}/check"
    reply = await visit.ask("POST", path, body=body, key=form.key)
    if reply.status == 422:
        form.take(reply.json())
        return await _check_page(visit, form, None)
    if not reply.ok:
        raise Answered(reply)
    return await _check_page(visit, form, reply.json())


async def _check_page(visit: Visit, form: Form, verdict: dict[str, Any] | None) -> web.Response:
    found = await _measure(visit)
    if found["state"] == "cancelled":
        raise Refused(410, "この施策は中止になりました。")
    entry = found["entry"]
    return visit.page(
        "search/check.html",
        f"{title_of(entry, visit.variant)}の対象か調べる",
        status=422 if form.errors else 200,
        crumbs=_crumbs(found, inside=True),
        form=form,
        found=found,
        entry=entry,
        questions=questions_of(entry),
        areas=areas_of(entry),
        answer=answer_of(verdict, entry) if verdict else None,
    )
