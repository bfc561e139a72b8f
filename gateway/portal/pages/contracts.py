"""Contracts at the desks: send, follow, end."""

from typing import Any

from aiohttp import web

from gateway.portal import match_words
from gateway.portal.doors import ANY_DOOR, EDITORS, ORGANISATION_DOOR, ORGANISATIONS
from gateway.portal.files import file_answer
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(ORGANISATIONS | {"secretariat"})
_ID = "[0-9a-f-]{36}"
_ONE = f"/contracts/{{contract_id:{_ID}}}"
_ACTS = "{act:send|remind|cancel}"


@pages.get(ANY_DOOR + _ONE)
async def contract(visit: Visit) -> web.StreamResponse:
    """One contract: step line, signers in order, what may be done."""
    return _page(visit, await _found(visit), Form())


@pages.post("/municipality" + _ONE + "/" + _ACTS, roles=EDITORS)
async def act(visit: Visit) -> web.StreamResponse:
    """It is sent, reminded of, or taken back."""
    typed, wanted = await visit.form(), visit.part("act")
    if wanted == "cancel":
        typed.need("reason", "取り消す理由を入れてください")
    body = {"reason": typed["reason"]} if wanted == "cancel" else {}
    return await _do(visit, typed, wanted, body)


@pages.post(ORGANISATION_DOOR + _ONE + "/notice", roles=EDITORS)
async def notice(visit: Visit) -> web.StreamResponse:
    """It ends before its time."""
    typed = await visit.form()
    last = typed.date("ends_on", "契約の最後の日")
    if last is None:
        typed.wrong("ends_on", "契約の最後の日を入れてください")
    typed.need("reason", "解約する理由を入れてください")
    body = {"ends_on": last.isoformat() if last else None, "reason": typed["reason"]}
    return await _do(visit, typed, "notice", body)


@pages.get(ANY_DOOR + _ONE + "/{file:file|certificate}")
async def file(visit: Visit) -> web.StreamResponse:
    """The PDF that is signed, or the certificate."""
    one, which = visit.part("contract_id"), visit.part("file")
    return file_answer(await visit.ask("GET", f"registry/contracts/{one}/{which}"))


async def _do(visit: Visit, typed: Form, wanted: str, body: dict[str, Any]) -> web.Response:
    if typed.errors:
        return _page(visit, await _found(visit), typed)
    one = visit.part("contract_id")
    reply = await visit.ask(
        "POST",
        f"registry/contracts/{one}/{wanted}",
        body=body,
        key=typed.key,
        headers={"If-Match": f'"{typed["version"]}"'},
    )
    if reply.ok:
        return visit.go(f"{visit.door.home}/contracts/{one}?done={wanted}")
    if reply.status != 422:
        raise Answered(reply)
    typed.take(reply.json())
    return _page(visit, await _found(visit), typed)


async def _found(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(f"registry/contracts/{visit.part('contract_id')}")
    return found


def _page(visit: Visit, found: dict[str, Any], typed: Form) -> web.Response:
    home = visit.door.home
    other = "provider_name" if home == "/municipality" else "municipality_name"
    return visit.page(
        "matches/contract.html",
        f"契約 {found['reference']}",
        status=422 if typed.errors else 200,
        crumbs=(
            (home, "仕事の一覧"),
            (f"{home}/matches", "マッチング"),
            (f"{home}/matches/{found['match_id']}", found[other]),
        ),
        form=typed,
        found=found,
        steps=match_words.contract_line(found),
        match_words=match_words,
        base=f"{home}/contracts/{found['id']}",
        may_act=visit.has("admin", "editor"),
    )
