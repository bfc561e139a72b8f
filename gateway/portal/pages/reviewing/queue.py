"""The queue of applications, and proposals for many of them at once."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import day_of, today
from gateway.portal import review_words
from gateway.portal.application_curve import applied_by_day, curve, finding
from gateway.portal.burndown import burndown, course_of
from gateway.portal.doors import MUNICIPALITY_ONLY, REVIEWERS
from gateway.portal.files import file_answer
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import as_instant

pages = Pages(MUNICIPALITY_ONLY)
_QUEUE = "/municipality/reviews"
_ASKED = ("measure_id", "show", "after")
#: With the part of the queue the ticks were made in.
_CARRIED = (*_ASKED, "application_ids")


@pages.get(_QUEUE, roles=REVIEWERS)
async def queue(visit: Visit) -> web.StreamResponse:
    """Applications that wait, the oldest promise first."""
    return await _queue_page(visit, Form())


@pages.get(_QUEUE + "/queue.csv", roles=REVIEWERS)
async def taken(visit: Visit) -> web.StreamResponse:
    """The queue as a sheet; every applicant in it sees that it was taken."""
    asked = {n: visit.query(n) for n in ("measure_id", "show") if visit.query(n)}
    return file_answer(await visit.ask("GET", "benefits/review/queue.csv", query=asked))


@pages.post(_QUEUE + "/check", roles=REVIEWERS)
async def check(visit: Visit) -> web.StreamResponse:
    """What a proposal comes to, before it is made."""
    form = await visit.form()
    if not form.all("application_ids"):
        form.wrong("form", "申込みを1件以上えらんでください")
        return await _queue_page(visit, form)
    return await _check_page(visit, form)


@pages.post(_QUEUE + "/propose", roles=REVIEWERS)
async def propose(visit: Visit) -> web.StreamResponse:
    """The proposal is made; another person approves it."""
    form = await visit.form()
    if form["outcome"] != "approve":
        form.need("reason", "理由を選んでください")
    if form.errors:
        return await _check_page(visit, form)
    reply = await visit.ask("POST", "benefits/review/proposals", body=_body(form), key=form.key)
    if reply.ok:
        return visit.go(f"/municipality/approvals/{reply.json()['id']}?done=proposed")
    if reply.status not in (409, 422):
        raise Answered(reply)
    form.take(reply.json())
    return await _check_page(visit, form)


def _body(form: Form) -> dict[str, Any]:
    return {
        "measure_id": form["measure_id"],
        "application_ids": form.all("application_ids"),
        "outcome": form["outcome"],
        "reason": form["reason"] or None,
        "message": form["message"],
    }


async def _queue_page(visit: Visit, form: Form) -> web.StreamResponse:
    own = (await visit.get("benefits/measures"))["items"]
    asked = {n: form[n] or visit.query(n) for n in _ASKED if form[n] or visit.query(n)}
    asked.setdefault("show", "waiting")
    chosen = _chosen(own, asked.get("measure_id", ""))
    if chosen is None:
        return visit.page("reviewing/none.html", "審査", crumbs=_home(), form=form)
    asked["measure_id"] = chosen["measure_id"]
    found = await visit.get("benefits/review/queue", asked)
    waiting = await visit.get("benefits/review/proposals")
    figures = await visit.get(f"benefits/measures/{chosen['measure_id']}/budget")
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "reviewing/queue.html",
        "審査",
        status=422 if form.errors else 200,
        crumbs=_home(),
        form=form,
        found=found,
        asked=asked,
        own=own,
        chosen=chosen,
        proposed=sum(p["count"] for p in waiting["items"]),
        oldest=_oldest(found["items"]),
        review_words=review_words,
        next_address=f"?{following}" if following else "",
        sheet=f"{_QUEUE}/queue.csv?{urlencode(kept)}",
        picked=form.all("application_ids"),
        **drawn(figures, today()),
    )


async def _check_page(visit: Visit, form: Form) -> web.StreamResponse:
    figures = await visit.get(f"benefits/measures/{form['measure_id']}/budget")
    ids = set(form.all("application_ids"))
    asked = {n: form[n] for n in _ASKED if form[n]}
    known = [
        i for i in (await visit.get("benefits/review/queue", asked))["items"] if i["id"] in ids
    ]
    outcome = review_words.OUTCOMES.get(form["outcome"], "承認")
    return visit.page(
        "reviewing/check.html",
        f"{outcome}の案の確認",
        status=422 if form.errors else 200,
        crumbs=(*_home(), (_QUEUE, "審査")),
        form=form,
        figures=figures,
        count=len(ids),
        amount=sum(i["amount_yen"] for i in known),
        known=known,
        carried=(*_CARRIED, "outcome"),
        outcome=outcome,
        reasons=review_words.REASONS,
    )


def drawn(figures: dict[str, Any], day: date) -> dict[str, Any]:
    """The burn-down of a measure and its applications in both widths, with its sentence and its table."""
    told = [(date.fromisoformat(d["on"]), d["left_yen"]) for d in figures["days"]]
    since, until = (day_of(as_instant(figures[name])) for name in ("apply_from", "apply_until"))
    course = course_of(told, since=since, today=day, until=until, funded=figures["funded_yen"])
    applied = applied_by_day(
        [(date.fromisoformat(d["on"]), d["applied"]) for d in figures["days"]], course
    )
    return {
        "figures": figures,
        "course": course,
        "applied": finding(applied),
        "curves": (("wide", curve(applied, course, 620)), ("narrow", curve(applied, course, 320))),
        "charts": (("wide", burndown(course, 620)), ("narrow", burndown(course, 320))),
    }


def _chosen(own: list[dict[str, Any]], measure_id: str) -> dict[str, Any] | None:
    """The measure that is asked for, else the one with most to do."""
    by_id = {one["measure_id"]: one for one in own}
    if measure_id in by_id:
        return by_id[measure_id]
    return max(own, key=lambda one: one["applications"].get("in_review", 0), default=None)


def _oldest(items: list[dict[str, Any]]) -> int:
    if not items:
        return 0
    return (today() - day_of(as_instant(items[0]["submitted_at"]))).days


def _home() -> tuple[tuple[str, str], ...]:
    return (("/municipality", "仕事の一覧"),)
