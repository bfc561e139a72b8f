"""How a resident is told: the language, what by mail, and the address that was proved."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.residents import cards
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages(residents=True)
_HERE = "/my/settings"
_PROVE = _HERE + "/address/{token:[A-Za-z0-9_-]{44}}"
_OWN = "notifications/own-settings"
_CRUMBS = (("/my", "申し込んだ施策"),)
_GONE = (404, 410)
_QUIET = ("quiet_from", "quiet_until")
_CHOSEN = ("language", "by_mail", *_QUIET)
#: What may be chosen for the hours without mail.
_CLOCKS = tuple((f"{hour:02d}:00", f"{hour}:00") for hour in range(24))


@pages.get(_HERE)
async def settings(visit: Visit) -> web.StreamResponse:
    """What was chosen."""
    return await _page(visit, Form())


@pages.post(_HERE)
async def save(visit: Visit) -> web.StreamResponse:
    """Choose the language, and what comes by mail."""
    form = await visit.form()
    form.need("language", "ことばをえらんでください")
    if not form.errors:
        body: dict[str, Any] = {"language": form["language"], "by_mail": form.all("by_mail")}
        body |= {name: form[name] or None for name in _QUIET}
        headers = {"If-Match": form["version"]}
        reply = await visit.ask("PUT", _OWN, body=body, key=form.key, headers=headers)
        if reply.ok:
            return visit.go(f"{_HERE}?done=changed")
        if not cards.take(form, reply.status, reply.json()):
            raise Answered(reply)
    return await _page(visit, form, chosen=True)


@pages.post(_HERE + "/address")
async def ask_for_address(visit: Visit) -> web.StreamResponse:
    """Have a mail sent there whose link proves that the address is one's own."""
    form = await visit.form()
    form.ascii("address")
    form.need("address", "メールアドレスを入れてください")
    if not form.errors:
        body = {"address": form["address"]}
        reply = await visit.ask("POST", f"{_OWN}/address", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"{_HERE}?done=address_asked")
        if reply.status == 429:
            form.wrong("address", str(reply.json().get("detail")))
        elif not cards.take(form, reply.status, reply.json()):
            raise Answered(reply)
    return await _page(visit, form)


@pages.post(_HERE + "/address/forgotten")
async def forget_address(visit: Visit) -> web.StreamResponse:
    """Have nothing mailed any more."""
    form = await visit.form()
    reply = await visit.ask("DELETE", f"{_OWN}/address", key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_HERE}?done=address_forgotten")


@pages.post(_HERE + "/sessions/ended")
async def end_other_sessions(visit: Visit) -> web.StreamResponse:
    """Signed in nowhere but here."""
    form = await visit.form()
    reply = await visit.ask("POST", "identity/own-sessions/end-others", body={}, key=form.key)
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_HERE}?done=others_ended")


@pages.get(_PROVE)
async def look_at_address(visit: Visit) -> web.StreamResponse:
    """Which address a link is about; opening it changes nothing."""
    reply = await visit.ask("GET", f"{_OWN}/address/{visit.part('token')}")
    if reply.status in _GONE:
        return _over(visit, reply.status, reply.json())
    if not reply.ok:
        raise Answered(reply)
    return visit.page(
        "my/address.html",
        "メールアドレスの確認",
        crumbs=(*_CRUMBS, (_HERE, "お知らせの設定")),
        here=visit.path,
        found=reply.json(),
    )


@pages.post(_PROVE)
async def confirm_address(visit: Visit) -> web.StreamResponse:
    """The address is right."""
    form = await visit.form()
    path = f"{_OWN}/address/{visit.part('token')}"
    reply = await visit.ask("POST", path, body={}, key=form.key)
    if reply.status in _GONE:
        return _over(visit, reply.status, reply.json())
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"{_HERE}?done=address_confirmed")


def _over(visit: Visit, status: int, problem: dict[str, Any]) -> web.Response:
    return visit.page(
        "my/address.html",
        "リンクが使えません",
        status=status,
        crumbs=(*_CRUMBS, (_HERE, "お知らせの設定")),
        found=None,
        why=str(problem.get("detail") or ""),
    )


async def _page(visit: Visit, form: Form, *, chosen: bool = False) -> web.Response:
    reply = await visit.ask("GET", _OWN)
    if not reply.ok:
        raise Answered(reply)
    found = reply.json()
    if not chosen:
        known = Form.of({name: found.get(name) for name in _CHOSEN})
        for name in _CHOSEN:
            form.values.popall(name, None)
            form.values.extend((name, value) for value in known.all(name))
    form["version"] = reply.headers.get("ETag", "")
    places = await visit.ask("GET", "identity/own-sessions")
    return visit.page(
        "my/settings.html",
        "お知らせの設定",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        found=found,
        clocks=_CLOCKS,
        sessions=places.json().get("items", []) if places.ok else [],
    )
