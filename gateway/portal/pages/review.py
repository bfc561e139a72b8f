"""The secretariat's review: the queue, one registration in full, the decision."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal.answers import label_of, sections_of
from gateway.portal.asking import Reply
from gateway.portal.doors import SECRETARIAT_ONLY
from gateway.portal.files import file_answer
from gateway.portal.forms import Form, date_fields
from gateway.portal.history import REASONS, history_of
from gateway.portal.pages.organisation import differences_in_words
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import REGISTRATION

pages = Pages(SECRETARIAT_ONLY)
_QUEUE = "/secretariat/registrations"
_ONE = _QUEUE + "/{organisation_id:[0-9a-f-]{36}}"
_CRUMBS = (("/secretariat", "仕事の一覧"), (_QUEUE, "登録審査"))
REVIEWERS = frozenset({"admin", "reviewer", "approver"})
_FIELDS = ("decision", "reason", "message", "remark_field", "remark_detail", "revision")
_DAYS = ("correct_by", "effective_on")


@pages.get(_QUEUE)
async def queue(visit: Visit) -> web.StreamResponse:
    """Registrations that wait, the oldest promise first."""
    asked = {n: visit.query(n) for n in ("state", "kind", "q", "after") if visit.query(n)}
    found = await visit.get("registry/registrations", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "secretariat/queue.html",
        "登録審査",
        crumbs=_CRUMBS[:1],
        found=found,
        asked=asked,
        states=[(name, REGISTRATION[name][1]) for name in REGISTRATION if name != "none"],
        next_address=f"?{following}" if following else "",
        today=today(),
    )


@pages.get(_ONE)
async def review(visit: Visit) -> web.StreamResponse:
    """One registration with everything a decision needs."""
    found = await _found(visit)
    form = Form.of({"revision": found["version"], **date_fields("effective_on", today())})
    return _review_page(visit, found, form)


@pages.post(f"{_ONE}/take", roles=REVIEWERS)
async def take(visit: Visit) -> web.StreamResponse:
    """Begin with the review."""
    form = await visit.form()
    reply = await _act(visit, form, "take", {})
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_own(visit)}?done=taken")


@pages.post(f"{_ONE}/check", roles=REVIEWERS)
async def check(visit: Visit) -> web.StreamResponse:
    """The decision, to be looked over with the text the other side gets."""
    form, found = await visit.form(), await _found(visit)
    days = judge(form)
    if form.errors:
        return _review_page(visit, found, form)
    return visit.page(
        "secretariat/decision.html",
        "決定の内容の確認",
        crumbs=(*_CRUMBS, (_own(visit), str(found["reference"] or found["claimed_name"]))),
        form=form,
        found=found,
        days=days,
        fields=(*_FIELDS, *(f"{d}_{p}" for d in _DAYS for p in ("era", "y", "m", "d"))),
        reason=dict(REASONS).get(form["reason"], ""),
        remarks=[(label_of(r["field"]), r["detail"]) for r in _remarks(form)],
    )


@pages.post(_ONE, roles=REVIEWERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """The decision is made; back from the check page it can be altered."""
    form, found = await visit.form(), await _found(visit)
    days = judge(form)
    if form["again"] or form.errors:
        return _review_page(visit, found, form)
    reply = await _act(visit, form, form["decision"], _body(form, days))
    if reply.status == 422:
        form.take(reply.json())
        return _review_page(visit, found, form)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_own(visit)}?done=decided")


@pages.get(_ONE + "/documents/{document_id}")
async def document(visit: Visit) -> web.StreamResponse:
    """A document's file."""
    one, file = visit.part("organisation_id"), visit.part("document_id")
    return file_answer(await visit.ask("GET", f"registry/registrations/{one}/documents/{file}"))


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(
        f"registry/registrations/{visit.part('organisation_id')}"
    )
    return found


def _own(visit: Visit) -> str:
    return f"{_QUEUE}/{visit.part('organisation_id')}"


async def _act(visit: Visit, form: Form, act: str, body: dict[str, Any]) -> Reply:
    return await visit.ask(
        "POST",
        f"registry/registrations/{visit.part('organisation_id')}/{act}",
        body=body,
        key=form.key,
        headers={"If-Match": form["revision"]},
    )


#: decision → which days and texts it needs
_NEEDS = {
    "approve": frozenset({"effective_on"}),
    "return": frozenset({"correct_by", "reason", "message"}),
    "reject": frozenset({"reason", "message"}),
    "suspend": frozenset({"effective_on", "message"}),
    "resume": frozenset({"effective_on", "message"}),
    "withdraw": frozenset({"effective_on", "message"}),
}


def judge(form: Form) -> dict[str, str]:
    """Note what a decision lacks; the days it names."""
    needs = _NEEDS.get(form["decision"])
    if needs is None:
        form.wrong("decision", "どうするかを選んでください")
        return {}
    words = {"correct_by": "修正の期限", "effective_on": "適用する日"}
    days = {}
    for name in [n for n in _DAYS if n in needs]:
        day = form.date(name, words[name])
        if day is None:
            form.wrong(name, f"{words[name]}を入れてください")
        else:
            days[name] = day.isoformat()
    if "reason" in needs:
        form.need("reason", "理由を選んでください")
    if "message" in needs:
        form.need("message", "相手に伝える文を入れてください")
    return days


def _remarks(form: Form) -> list[dict[str, str]]:
    pairs = zip(form.all("remark_field"), form.all("remark_detail"), strict=False)
    return [{"field": f, "detail": d} for f, d in pairs if f and d]


def _body(form: Form, days: dict[str, str]) -> dict[str, Any]:
    decision = form["decision"]
    if decision == "approve":
        return {**days, "message": form["message"]}
    if decision == "return":
        return {**days, **form.pick(("reason", "message")), "remarks": _remarks(form)}
    if decision == "reject":
        return form.pick(("reason", "message"))
    return {**days, "reason": form["message"]}


def _review_page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    return visit.page(
        "secretariat/review.html",
        f"{found['form']['organisation']['name'] or found['claimed_name']}の登録審査",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        found=found,
        one=_own(visit),
        reasons=REASONS,
        differences=differences_in_words(found["differences"]),
        sections=sections_of(found, found["organisation_kind"]),
        fields=_remark_fields(found),
        history=history_of(found["history"]),
        may_decide=visit.has(*REVIEWERS),
        today=today(),
    )


def _remark_fields(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Every field a remark can be put at."""
    whole, kind = found["form"], found["organisation_kind"]
    skipped = {"code", "municipality_kind", "constituents", "head_title", "budget_approved_on"}
    other = {"corporate_number", "representative", "licences"}
    unused = skipped if kind == "provider" else other
    names = [f"organisation.{n}" for n in whole["organisation"] if n not in unused]
    names += [f"contacts.{w}.{n}" for w, p in whole["contacts"].items() for n in p]
    section = "compliance" if kind == "provider" else "plan"
    names += [f"{section}.{n}" for n in whole[section]]
    found_fields = [(n, label_of(n)) for n in names if kind == "provider" or ".technical." not in n]
    found_fields += [(f"documents.{s['slot']}", f"書類：{s['label']}") for s in found["documents"]]
    for number, service in enumerate(whole["services"]):
        title = service["name"] or f"{number + 1}つ目のサービス"
        found_fields += [(f"services.{number}.{n}", f"{title}の{label_of(n)}") for n in service]
    return found_fields
