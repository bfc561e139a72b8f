"""Cases: each side looks at its own, the secretariat takes care of them and decides."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.portal import grant_words
from gateway.portal.doors import ANY_DOOR, BEHIND, EDITORS
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import moment

pages = Pages(BEHIND)
_LIST = ANY_DOOR + "/cases"
_ONE = _LIST + "/{case_id:[0-9a-f-]{36}}"
_STATES = (("open", "確認中"), ("closed", "解決済"))


@pages.get(_LIST)
async def cases(visit: Visit) -> web.StreamResponse:
    """Cases the visitor's side has to do with, the newest first."""
    asked = {n: visit.query(n) for n in ("state", "after") if visit.query(n)}
    found = await visit.get("benefits/cases", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    return visit.page(
        "grants/cases.html",
        "確認事項",
        crumbs=((visit.door.home, "仕事の一覧"),),
        found=found,
        asked=asked,
        states=_STATES,
        base=f"{visit.door.home}/cases",
        grant_words=grant_words,
        next_address=f"?{following}" if following else "",
    )


@pages.get(_ONE)
async def case(visit: Visit) -> web.StreamResponse:
    """One case: what does not go together, and what can be decided."""
    found = await visit.get(f"benefits/cases/{visit.part('case_id')}")
    return _case_page(visit, found, Form())


@pages.post(_ONE, roles=EDITORS | {"approver", "operator"})
async def decide(visit: Visit) -> web.StreamResponse:
    """Decide, or confirm what somebody else would decide."""
    form, one = await visit.form(), visit.part("case_id")
    form.need("resolution", "どう決めるかを選んでください")
    if not form.errors:
        reply = await visit.ask(
            "POST",
            f"benefits/cases/{one}/decision",
            body={"resolution": form["resolution"]},
            key=form.key,
            headers={"If-Match": f'"{form["version"]}"'},
        )
        if reply.ok:
            return visit.go(f"{visit.door.home}/cases/{one}?done=changed")
        if reply.status not in (403, 409, 412, 422):
            raise Answered(reply)
        form.wrong("resolution", str(reply.json().get("detail", "")).removesuffix("。"))
    return _case_page(visit, await visit.get(f"benefits/cases/{one}"), form)


def _case_page(visit: Visit, found: dict[str, Any], form: Form) -> web.Response:
    ways = [(name, grant_words.RESOLUTIONS[name]) for name in ("accepted", "returned")]
    if not found["suspended"]:
        ways.append(("no_action", grant_words.RESOLUTIONS["no_action"]))
    base = f"{visit.door.home}/cases"
    may = visit.door.name == "secretariat" and visit.has("admin", "editor", "approver", "operator")
    return visit.page(
        "grants/case.html",
        f"{grant_words.CASES[found['kind']]}（{moment(found['opened_at'])}）",
        status=422 if form.errors else 200,
        crumbs=((visit.door.home, "仕事の一覧"), (base, "確認事項")),
        form=form,
        found=found,
        ways=ways,
        base=base,
        may_decide=may and found["state"] == "open",
        grant_words=grant_words,
    )
