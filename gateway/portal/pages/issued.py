"""The mailed links: proving the address, the account ID, the first password, invitations."""

from typing import Any

from aiohttp import web

from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit

pages = Pages()
#: purpose → page title, words over the password field
_PURPOSES = {
    "account_link": "メールアドレスの確認",
    "first_password": "パスワードを決める",
    "activation": "仮アカウントの利用をはじめる",
    "invitation": "招待を受けて参加する",
    "password_reset": "パスワードを決め直す",
}


@pages.get(
    "/accounts/confirm/{token}",
    "/accounts/invite/{token}",
    "/accounts/password/{token}",
    "/signin/reset/{token}",
)
async def opened(visit: Visit) -> web.StreamResponse:
    """What the link is for. Opening it changes nothing."""
    return await _link_page(visit, visit.part("token"), Form())


@pages.post("/accounts/confirm/{token}")
async def confirm(visit: Visit) -> web.StreamResponse:
    """The address is proven: the account ID is given out, and the password can be set."""
    form, token = await visit.form(), visit.part("token")
    reply = await visit.ask(
        "POST", "identity/account-requests/confirm", body={"token": token}, key=form.key
    )
    if reply.status in (409, 410, 404):
        return await _link_page(visit, token, Form())
    if not reply.ok:
        raise Answered(reply)
    issued = reply.json()
    return _password_page(visit, issued["password_token"], issued, Form(), fresh=True)


@pages.post("/accounts/password")
async def set_password(visit: Visit) -> web.StreamResponse:
    """The password is set; now it is used for the first time."""
    form = await visit.form()
    token, shown = form["token"], form.pick(("sign_in_id", "organisation_name"))
    form.need("password", "パスワードを入れてください")
    if not form.errors:
        body = {"token": token, "password": form["password"]}
        reply = await visit.ask("POST", "identity/passwords", body=body, key=form.key)
        if reply.ok:
            return visit.go(f"/signin/organisation?done=password&id={reply.json()['sign_in_id']}")
        if reply.status != 422:
            return (
                await _link_page(visit, token, Form()) if reply.status in (409, 410) else _no(reply)
            )
        form.take(reply.json())
    return _password_page(visit, token, shown, form, fresh=False)


def _no(reply: Any) -> web.Response:
    raise Answered(reply)


@pages.post("/accounts/renew")
async def renew(visit: Visit) -> web.StreamResponse:
    """A fresh link instead of one that is over; the answer tells nothing about who is known."""
    form = await visit.form()
    reply = await visit.ask(
        "POST", "identity/links/renew", body={"token": form["token"]}, key=form.key
    )
    if not reply.ok:
        raise Answered(reply)
    return visit.go("/accounts/renewed")


@pages.get("/accounts/renewed")
async def renewed(visit: Visit) -> web.StreamResponse:
    """Look into your mail."""
    return visit.page("accounts/renewed.html", "新しいリンクを送りました")


async def _link_page(visit: Visit, token: str, form: Form) -> web.Response:
    reply = await visit.ask("POST", "identity/links/look", body={"token": token}, key=form.key)
    if reply.status in (404, 422):
        return visit.page("accounts/unknown.html", "このリンクは使えません", status=404)
    if not reply.ok:
        raise Answered(reply)
    link = reply.json()
    if link["state"] != "usable":
        return visit.page(
            "accounts/over.html", "このリンクは使えません", status=410, mailed=link, token=token
        )
    title = _PURPOSES.get(link["purpose"], "リンクの確認")
    if link["purpose"] == "account_link":
        return visit.page("accounts/confirm.html", title, mailed=link, token=token)
    return _password_page(visit, token, link, form, fresh=False)


def _password_page(
    visit: Visit, token: str, shown: dict[str, Any], form: Form, *, fresh: bool
) -> web.Response:
    purpose = str(shown.get("purpose", "first_password"))
    response = visit.page(
        "accounts/password.html",
        "アカウントIDを発行しました" if fresh else _PURPOSES.get(purpose, "パスワードを決める"),
        status=422 if form.errors else 200,
        form=form,
        token=token,
        shown=shown,
        fresh=fresh,
        purpose=purpose,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
