"""What others proposed: count, sum, exceptions first; approved or sent back by a second person."""

from typing import Any

from aiohttp import web

from gateway.portal import review_words
from gateway.portal.doors import APPROVERS, MUNICIPALITY_ONLY, REVIEWERS
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(MUNICIPALITY_ONLY)
_LIST = "/municipality/approvals"
_ONE = _LIST + "/{proposal_id:[0-9a-f-]{36}}"


@pages.get(_LIST, roles=REVIEWERS)
async def approvals(visit: Visit) -> web.StreamResponse:
    """Proposals that wait for a second person."""
    state = visit.query("state") if visit.query("state") in review_words.PROPOSALS else "proposed"
    found = await visit.get("benefits/review/proposals", {"state": state})
    return visit.page(
        "reviewing/approvals.html",
        "案の承認",
        crumbs=(("/municipality", "仕事の一覧"),),
        found=found,
        state=state,
        review_words=review_words,
    )


@pages.get(_ONE, roles=REVIEWERS)
async def proposal(visit: Visit) -> web.StreamResponse:
    """One proposal with every application of it."""
    return _page(visit, await _found(visit), Form())


@pages.post(_ONE + "/{act:approval|return}", roles=APPROVERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """The second person approves, or sends the proposal back with a word."""
    form, act, one = await visit.form(), visit.part("act"), visit.part("proposal_id")
    if act == "return":
        form.need("remark", "差し戻す理由を入れてください")
    if form.errors:
        return _page(visit, await _found(visit), form)
    reply = await visit.ask(
        "POST",
        f"benefits/review/proposals/{one}/{act}",
        body=form.pick(("remark",)) if act == "return" else None,
        key=form.key,
    )
    if reply.ok:
        return visit.go(f"{_LIST}/{one}?done={act}")
    if reply.status not in (403, 409, 422):
        raise Answered(reply)
    form.take(reply.json())
    return _page(visit, await _found(visit), form)


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(
        f"benefits/review/proposals/{visit.part('proposal_id')}"
    )
    return found


def _page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    outcome = review_words.OUTCOMES[found["outcome"]]
    return visit.page(
        "reviewing/approval.html",
        f"{outcome}の案（{found['count']}件）",
        status=422 if form.errors else 200,
        crumbs=(("/municipality", "仕事の一覧"), (_LIST, "案の承認")),
        form=form,
        found=found,
        outcome=outcome,
        items=sorted(found["items"], key=lambda item: (not item["changed"], item["reference"])),
        one=f"{_LIST}/{found['id']}",
        may_approve=visit.has(*APPROVERS) and not found["own"],
        review_words=review_words,
    )
