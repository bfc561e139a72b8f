"""The approver's page: what is different, what programs checked, the decision; never for who drafted it."""

from typing import Any

from aiohttp import web

from chassis.clock import today
from gateway.portal.forms import Form
from gateway.portal.measures.answers import CHECK_FAMILIES, changes_in_words
from gateway.portal.measures.deadlines import of_entry
from gateway.portal.pages.own_measures.asking import (
    APPROVERS,
    ONE,
    act,
    address_of,
    crumbs_of,
    map_of,
    measure_of,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(frozenset({"municipality"}))
_APPROVE = ONE + "/approve"


@pages.get(_APPROVE)
async def approving(visit: Visit) -> web.StreamResponse:
    """Everything a decision needs, and who may make it."""
    return await _page(visit, Form())


@pages.post(_APPROVE, roles=APPROVERS)
async def decide(visit: Visit) -> web.StreamResponse:
    """Approve it, or give it back with what to mend."""
    form = await visit.form()
    back = form["decision"] == "return"
    if back:
        form.need("message", "直してほしいことを入れてください")
    if not form.errors:
        body = {"message": form["message"]} if back else {}
        reply = await act(visit, form, "return" if back else "approve", body)
        if reply.ok:
            done = "measure_returned" if back else "measure_approved"
            return visit.go(f"{address_of(visit)}?done={done}")
        if reply.status != 422:
            raise Answered(reply)
        form.take(reply.json())
    return await _page(visit, form)


async def _page(visit: Visit, form: Form) -> web.StreamResponse:
    found = await measure_of(visit)
    entry: dict[str, Any] | None = found["proposed"]
    if entry is None or "approve" not in found["may"]:
        return visit.go(address_of(visit))
    return visit.page(
        "measures/approve.html",
        "施策の承認",
        status=422 if form.errors else 200,
        crumbs=crumbs_of(found),
        form=form,
        within=found["title"],
        measure=found,
        entry=entry,
        one=address_of(visit),
        may_decide=visit.has(*APPROVERS) and not found["is_drafter"],
        families=CHECK_FAMILIES,
        changes=changes_in_words(found["changes"]),
        deadline_map=await map_of(visit, of_entry(entry)),
        today=today(),
    )
