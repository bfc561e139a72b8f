"""The first of the two operations: for whom, what the card cannot say, the check, and the card."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.measures.words import amount_of, full, title_of
from gateway.portal.pages.residents.my import family_of, home_of
from gateway.portal.residents import applying, cards
from gateway.portal.residents.had import had_of
from gateway.portal.residents.kept import kept_for, kept_in, options_of
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Refused, Visit

pages = Pages(residents=True)
_ID = "{measure_id:[0-9a-f]{8}-[0-9a-f-]{27}}"
_AT = (f"/measures/{_ID}/apply", f"/desk/measures/{_ID}/apply")
_STEPS = (("who", "だれの分か"), ("check", "確かめる"), ("done", "受付"))
#: What goes from page to page inside the forms; nothing of it is kept until the card has spoken.
_CARRIED = ("person_id", "statements", "target_number", "children", "receive")


async def _measure(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/measures/{visit.part('measure_id')}")
    if found["state"] != "open":
        raise Refused(409, "この施策は、いま申し込めません。")
    return found


def _own(visit: Visit) -> str:
    before = "/desk" if visit.person.desk_id else ""
    return f"{before}/measures/{visit.part('measure_id')}"


def _steps(current: str) -> list[tuple[str, str, str, bool]]:
    names = [name for name, _ in _STEPS]
    return [(name, words, "", names.index(name) < names.index(current)) for name, words in _STEPS]


@pages.get(*(f"{at}/who" for at in _AT))
async def who(visit: Visit) -> web.StreamResponse:
    """For whom, and what the card cannot say."""
    return await _who_page(visit, Form(), fresh=True)


@pages.post(*(f"{at}/who" for at in _AT))
async def mended(visit: Visit) -> web.StreamResponse:
    """Back from the check page, with everything as it was."""
    return await _who_page(visit, await visit.form())


async def _who_page(visit: Visit, form: Form, *, fresh: bool = False) -> web.Response:
    found, family = await _measure(visit), await family_of(visit)
    entry = found["entry"]
    had = await had_of(visit, entry, family)
    kept = options_of(await kept_for(visit, entry))
    if fresh and kept:
        form["receive"] = kept[0][0]
    return visit.page(
        "my/apply_who.html",
        f"{title_of(entry, visit.variant)}に申し込む",
        status=422 if form.errors else 200,
        form=form,
        own=_own(visit),
        base=home_of(visit),
        steps=_steps("who"),
        entry=entry,
        had=had,
        full=full(found),
        statements=applying.statements_of(entry),
        asks_number=applying.asks_number(entry),
        asks_children=applying.asks_children(entry),
        receive=[*kept, applying.LATER] if kept else [],
    )


@pages.post(*(f"{at}/check" for at in _AT))
async def check(visit: Visit) -> web.StreamResponse:
    """Everything once more, and the card."""
    form, found = await visit.form(), await _measure(visit)
    applying.asked_of(form, found["entry"], await kept_for(visit, found["entry"]))
    had = await had_of(visit, found["entry"], await family_of(visit))
    if form["person_id"] in {one["person_id"] for one in had.items} - {p[0] for p in had.people}:
        form.wrong("person_id", "この方の分は、もう申し込まれています")
    if form.errors or full(found):
        return await _who_page(visit, form)
    return await _check_page(visit, form, found)


async def _check_page(visit: Visit, form: Form, found: dict[str, Any]) -> web.Response:
    entry, family = found["entry"], await family_of(visit)
    people = {one[0]: one for one in applying.people_of(family, entry)}
    if form["person_id"] not in people:
        raise Refused(404)
    said = form.all("statements")
    return visit.page(
        "my/apply_check.html",
        "申込みの確認",
        status=422 if form.errors else 200,
        form=form,
        own=_own(visit),
        base=home_of(visit),
        steps=_steps("check"),
        carried_names=_CARRIED,
        entry=entry,
        figure=amount_of(entry),
        person=people[form["person_id"]],
        is_child=form["person_id"] != family["resident_id"],
        statements=[text for n, text in applying.statements_of(entry) if n in said],
        asks_number=applying.asks_number(entry),
        asks_children=applying.asks_children(entry),
        kept=kept_in(form, "receive", await kept_for(visit, entry)),
        cards=await cards.simulated(visit),
    )


@pages.post(*(f"{at}/done" for at in _AT))
async def done(visit: Visit) -> web.StreamResponse:
    """The card speaks for exactly this application, and it is handed in."""
    form, found = await visit.form(), await _measure(visit)
    body = applying.asked_of(form, found["entry"], await kept_for(visit, found["entry"]))
    if form["agree"] != "yes":
        form.wrong("agree", "決まりを読んで、同意するにチェックを入れてください")
    if form.errors:
        return await _check_page(visit, form, found)
    measure_id = visit.part("measure_id")
    target = f"apply/{measure_id}/{form['person_id']}"
    proof = await cards.proof(visit, form, "apply", target)
    if proof is None:
        return await _check_page(visit, form, found)
    body |= {"measure_id": measure_id, "proof": proof}
    reply = await visit.ask("POST", "benefits/own-applications", body=body, key=form.key)
    if reply.ok:
        application = reply.json()["application"]["id"]
        return visit.go(f"{home_of(visit)}/applications/{application}?done=applied")
    if cards.again(reply.json()):
        return visit.go("/desk/now" if visit.person.desk_id else "/my")
    if not cards.take(form, reply.status, reply.json()):
        raise Answered(reply)
    return await _check_page(visit, form, found)
