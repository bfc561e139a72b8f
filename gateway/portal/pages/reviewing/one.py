"""One application: what was claimed, what machines found, the papers, and what to do."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal import review_words
from gateway.portal.doors import MUNICIPALITY_ONLY, REVIEWERS
from gateway.portal.files import file_answer
from gateway.portal.forms import Form, date_fields
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(MUNICIPALITY_ONLY)
_QUEUE = "/municipality/reviews"
_ANSWERED_WITHIN = timedelta(days=14)
_ONE = _QUEUE + "/{application_id:[0-9a-f-]{36}}"


@pages.get(_ONE, roles=REVIEWERS)
async def application(visit: Visit) -> web.StreamResponse:
    """One application with everything a decision needs; the applicant sees that it was opened."""
    in_two_weeks = today() + _ANSWERED_WITHIN
    return _page(visit, await _found(visit), Form.of(date_fields("answer_by", in_two_weeks)))


@pages.post(_ONE, roles=REVIEWERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """A proposal for this one, or more is asked of the applicant."""
    form = await visit.form()
    act = form["decision"]
    if act not in ("approve", "reject", "return", "revoke"):
        form.wrong("decision", "どうするかを選んでください")
    elif act != "approve":
        form.need("reason", "理由を選んでください")
        form.need("message", "申込みをした方に伝える文を入れてください")
    answer_by = form.date("answer_by", "回答の期限") if act == "return" else None
    if act == "return" and answer_by is None:
        form.wrong("answer_by", "回答の期限を入れてください")
    if form.errors:
        return _page(visit, await _found(visit), form)
    return await _done(visit, form, answer_by.isoformat() if answer_by else "")


@pages.get(_ONE + "/evidence/{evidence_id:[0-9a-f-]{36}}", roles=REVIEWERS)
async def evidence(visit: Visit) -> web.StreamResponse:
    """A paper's file; the applicant sees that it was opened."""
    one, file = visit.part("application_id"), visit.part("evidence_id")
    return file_answer(await visit.ask("GET", f"benefits/applications/{one}/evidence/{file}"))


async def _done(visit: Visit, form: Form, answer_by: str) -> web.StreamResponse:
    one, told = visit.part("application_id"), form.pick(("reason", "message"))
    if form["decision"] == "return":
        reply = await visit.ask(
            "POST",
            f"benefits/applications/{one}/return",
            body={**told, "answer_by": answer_by},
            key=form.key,
            headers={"If-Match": f'"{form["version"]}"'},
        )
        on = f"{_QUEUE}/{one}?done=returned"
    else:
        body = {
            "measure_id": form["measure_id"],
            "application_ids": [one],
            "outcome": form["decision"],
            "reason": form["reason"] or None,
            "message": form["message"],
        }
        reply = await visit.ask("POST", "benefits/review/proposals", body=body, key=form.key)
        on = f"/municipality/approvals/{reply.json().get('id')}?done=proposed"
    if reply.ok:
        return visit.go(on)
    if reply.status not in (409, 422):
        raise Answered(reply)
    form.take(reply.json())
    return _page(visit, await _found(visit), form)


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"benefits/applications/{visit.part('application_id')}")
    return found


def _page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    return visit.page(
        "reviewing/one.html",
        f"申込み {found['reference']}",
        status=422 if form.errors else 200,
        crumbs=(("/municipality", "仕事の一覧"), (_QUEUE, "審査")),
        form=form,
        found=found,
        one=f"{_QUEUE}/{found['id']}",
        acts=_acts(found["state"]),
        history=[review_words.step(event) for event in reversed(found["events"])],
        reasons=review_words.REASONS,
        review_words=review_words,
    )


def _acts(state: str) -> list[tuple[str, str, str]]:
    """What may be proposed for an application in this state, with what follows."""
    approve = ("approve", "承認する", "別の職員が承認すると、ポイントが使えるようになります")
    reject = ("reject", "不承認にする", "別の職員が承認すると、理由が伝わります")
    more = ("return", "書類を求める", "申込みをした方に、期限を決めて伝えます")
    revoke = ("revoke", "承認を取り消す", "まだ受け取り先が決まっていないときだけできます")
    return {
        "in_review": [approve, more, reject],
        "returned": [reject],
        "awaiting_participation": [reject],
        "waiting": [reject],
        "approved": [revoke],
    }.get(state, [])
