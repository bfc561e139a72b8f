"""The hours of the secretariat's desk, a month at a time, and days that differ."""

from datetime import date, timedelta

from aiohttp import web

from chassis.clock import today
from gateway.portal import programme
from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form, typed_date_fields
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(SECRETARIAT_ONLY)
_ADDRESS = "/secretariat/calendar"
_EXCEPTIONS = "scheduling/calendar/exceptions"


@pages.get(_ADDRESS)
async def month(visit: Visit) -> web.StreamResponse:
    """When the desk is open in a month."""
    return await _page(visit, Form.of(typed_date_fields("day", visit.query("day")[:10])))


@pages.post(_ADDRESS, roles=EDITORS)
async def set_day(visit: Visit) -> web.StreamResponse:
    """Decide how the desk is open on one day."""
    form = await visit.form()
    day = form.date("day", "日")
    if day is None:
        form.wrong("day", "日を入れてください")
    form.need("reason", "理由を入れてください。例：創立記念日のため")
    if day is not None and not form.errors:
        body = {"reason": form["reason"], **_hours(form)}
        reply = await visit.ask("PUT", f"{_EXCEPTIONS}/{day}", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_ADDRESS}?month={day:%Y-%m}&done=day_set")
        if reply.status not in (409, 422):
            raise Answered(reply)
        form.take(reply.json())
    return await _page(visit, form)


@pages.post(_ADDRESS + "/{day}/drop", roles=EDITORS)
async def drop_day(visit: Visit) -> web.StreamResponse:
    """Let a day be as week and holidays say."""
    form, day = await visit.form(), visit.part("day")
    reply = await visit.ask("DELETE", f"{_EXCEPTIONS}/{day}", key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_ADDRESS}?month={day[:7]}&done=day_dropped")


def _hours(form: Form) -> dict[str, str | None]:
    if form["closed"] == "yes":
        return {"opens": None, "closes": None}
    return {"opens": form["opens"] or None, "closes": form["closes"] or None}


async def _page(visit: Visit, form: Form) -> web.Response:
    first = programme.month_of(visit.query("month"), today())
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    asked = {"since": first.isoformat(), "days": str(last.day)}
    found = await visit.get("scheduling/calendar", asked)
    return visit.page(
        "planning/hours.html",
        f"窓口の受付時間 {first.year}年{first.month}月",
        status=422 if form.errors else 200,
        crumbs=(("/secretariat", "仕事の一覧"),),
        form=form,
        found=found,
        before=_month(first - timedelta(days=1)),
        after=_month(last + timedelta(days=1)),
        may_change=visit.has(*EDITORS),
    )


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
