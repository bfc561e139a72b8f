"""What people do with a measure that is public or on its way: each act has its own page to confirm it on."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.portal.doors import EDITORS
from gateway.portal.forms import Form
from gateway.portal.measures.words import CLOSE_REASONS
from gateway.portal.pages.own_measures.asking import (
    ONE,
    act,
    address_of,
    crumbs_of,
    measure_of,
)
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(frozenset({"municipality"}))


@dataclass(frozen=True, slots=True)
class Act:
    """An act: its words, what follows from it, what it asks for."""

    title: str
    button: str
    consequences: tuple[str, ...]
    #: The field for the sentence everybody reads, and whether it is needed.
    sentence: str = ""
    needed: bool = False
    #: Whether a reason is chosen from the list.
    reasons: bool = False
    #: Whether there is no way back.
    final: bool = False


ACTS = {
    "pause": Act(
        "一時停止",
        "一時停止する",
        (
            "新しい申込みを、すぐに止めます。申し込んだ方の審査と受け取りは続きます。",
            "停止していることと理由は、公開のページにそのまま出ます。",
            "再開できます。締切は延びません。",
        ),
        "message",
        needed=True,
    ),
    "resume": Act(
        "再開",
        "再開する",
        (
            "すぐに申込みを受け付けます。開始の前なら、予定の日時に始まります。",
            "使える契約がない決済サービスは外れます。1つも残らないときは再開できません。",
        ),
    ),
    "close": Act(
        "受付の終了",
        "受付を終える",
        (
            "締切を待たずに、すぐに申込みを止めます。申し込んだ方の審査と受け取りは続きます。",
            "終わったことと理由は、公開のページにそのまま出ます。",
        ),
        "message",
        reasons=True,
        final=True,
    ),
    "cancel": Act(
        "中止",
        "この施策を中止する",
        (
            "この施策を行わないことにします。公開していれば、理由がそのまま出ます。",
            "あらためて行うときは、新しい施策としてつくります。",
        ),
        "reason",
        needed=True,
        final=True,
    ),
    "discard": Act(
        "変更の取りやめ",
        "変更を取りやめる",
        (
            "進めている変更だけを捨てます。公開している内容はそのままです。",
            "捨てた入力は戻せません。",
        ),
        final=True,
    ),
    "complete": Act(
        "完了",
        "完了にする",
        ("精算がすべて済んだものとして記録します。",),
        final=True,
    ),
}
#: Reasons a person may give; the others follow by themselves.
REASONS = [(code, words) for code, words in CLOSE_REASONS.items() if code != "deadline"]
_ACT = ONE + "/{act:" + "|".join(ACTS) + "}"


@pages.get(_ACT, roles=EDITORS)
async def confirming(visit: Visit) -> web.StreamResponse:
    """What the act means, before it is done."""
    return _page(visit, await measure_of(visit), Form())


@pages.post(_ACT, roles=EDITORS)
async def done(visit: Visit) -> web.StreamResponse:
    """Do it, as it was read."""
    form, name = await visit.form(), visit.part("act")
    asked = ACTS[name]
    if asked.needed:
        form.need("sentence", "理由を入れてください")
    if asked.reasons:
        form.need("reason", "理由を選んでください")
    if not form.errors:
        reply = await act(visit, form, name, _body(asked, form))
        if reply.ok:
            return visit.go(f"{address_of(visit)}?done=measure_{name}")
        if reply.status != 422:
            raise Answered(reply)
        form.take(reply.json(), {asked.sentence: "sentence"} if not asked.reasons else {})
    return _page(visit, await measure_of(visit), form)


def _body(asked: Act, form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {asked.sentence: form["sentence"]} if asked.sentence else {}
    return body | ({"reason": form["reason"]} if asked.reasons else {})


def _page(visit: Visit, measure: dict[str, Any], form: Form) -> web.StreamResponse:
    name = visit.part("act")
    if name not in measure["may"]:
        return visit.go(address_of(visit))
    return visit.page(
        "measures/act.html",
        ACTS[name].title,
        status=422 if form.errors else 200,
        crumbs=crumbs_of(measure),
        form=form,
        within=measure["title"],
        measure=measure,
        act=ACTS[name],
        reasons=REASONS,
        action=visit.path,
        one=address_of(visit),
    )


@pages.post(ONE + "/change", roles=EDITORS)
async def change(visit: Visit) -> web.StreamResponse:
    """Begin a later version of a public measure; on to the list of its pages."""
    reply = await act(visit, await visit.form(), "edit", {})
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{address_of(visit)}/edit")
