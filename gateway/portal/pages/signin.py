"""Signing in with an account ID, the second factor, a forgotten password, signing out."""

import segno
from aiohttp import web

from gateway.portal.asking import Entering
from gateway.portal.forms import Form
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Refused, Visit, own_path

pages = Pages()
_CRUMBS = (("/", "ホーム"), ("/signin", "ログイン"))
_SETUP = "/signin/second-factor/setup"


@pages.get("/signin/organisation")
async def signin(visit: Visit) -> web.StreamResponse:
    """The form for account ID and password."""
    if visit.visitor is not None and visit.visitor.state == "open":
        return visit.go(own_path(visit.query("next"), f"/{visit.visitor.organisation_kind}"))
    form = Form.of({"sign_in_id": visit.query("id"), "next": visit.query("next")})
    return visit.page(
        "signin/organisation.html", "ログイン（団体・会社の方）", crumbs=_CRUMBS, form=form
    )


@pages.post("/signin/organisation")
async def sign_in(visit: Visit) -> web.StreamResponse:
    """Open a session, or say the same for a wrong ID and a wrong password."""
    form = await visit.form()
    form.need("sign_in_id", "アカウントIDを入れてください")
    form.need("password", "パスワードを入れてください")
    if not form.errors:
        sign_in_id = form.ascii("sign_in_id")
        entering = await visit.services.sign_in(visit.request, sign_in_id, form["password"])
        if entering.state != "refused":
            return _entered(visit, entering, form["next"])
        _say(form, entering)
    return visit.page(
        "signin/organisation.html",
        "ログイン（団体・会社の方）",
        status=422,
        crumbs=_CRUMBS,
        form=form,
    )


@pages.get("/signin/second-factor")
async def second_factor(visit: Visit) -> web.StreamResponse:
    """The form for the code of the app."""
    form = Form.of({"next": visit.query("next")})
    return visit.page("signin/second_factor.html", "確認コード", crumbs=_CRUMBS, form=form)


@pages.post("/signin/second-factor")
async def second_factor_sent(visit: Visit) -> web.StreamResponse:
    """Complete the session with the code."""
    form = await visit.form()
    form.need("code", "確認コードを入れてください")
    if not form.errors:
        entering = await visit.services.second_factor(visit.request, form.code("code"))
        if entering.state != "refused":
            return _entered(visit, entering, form["next"])
        _say(form, entering, "code")
    return visit.page(
        "signin/second_factor.html", "確認コード", status=422, crumbs=_CRUMBS, form=form
    )


@pages.get(_SETUP)
async def setup(visit: Visit) -> web.StreamResponse:
    """What a second factor is, before it is set up."""
    needs_password = visit.me.state == "open"
    return visit.page(
        "signin/setup.html", "確認コードの設定", crumbs=_CRUMBS, needs_password=needs_password
    )


@pages.post(_SETUP)
async def setup_begun(visit: Visit) -> web.StreamResponse:
    """The QR code and the field for the first code."""
    form = await visit.form()
    body = {"password": form["password"]} if visit.me.state == "open" else {}
    reply = await visit.ask("POST", "identity/me/totp", body=body, key=form.key)
    if reply.status in (422, 401, 403):
        form.take(reply.json())
        return visit.page(
            "signin/setup.html",
            "確認コードの設定",
            status=422,
            crumbs=_CRUMBS,
            form=form,
            needs_password=True,
        )
    if not reply.ok:
        raise Answered(reply)
    found = reply.json()
    return _code_page(visit, Form(), found["secret"], found["uri"])


@pages.post(f"{_SETUP}/confirm")
async def setup_confirmed(visit: Visit) -> web.StreamResponse:
    """The second factor works; the recovery codes are shown this once."""
    form = await visit.form()
    form.need("code", "アプリに出ている6けたの数字を入れてください")
    if not form.errors:
        reply = await visit.ask(
            "POST", "identity/me/totp/confirm", body={"code": form.code("code")}, key=form.key
        )
        if reply.ok:
            codes = reply.json()["recovery_codes"]
            return visit.page("signin/recovery.html", "予備のコードを控えてください", codes=codes)
        form.wrong("code", str(reply.json().get("detail") or "もう一度お試しください"))
    return _code_page(visit, form, form["secret"], form["uri"])


def _code_page(visit: Visit, form: Form, secret: str, uri: str) -> web.Response:
    if not uri.startswith("otpauth://"):
        raise Refused(404)
    picture = segno.make(uri, error="m").svg_data_uri(scale=4, border=0)
    return visit.page(
        "signin/setup_code.html",
        "確認コードの登録",
        status=422 if form.errors else 200,
        crumbs=_CRUMBS,
        form=form,
        secret=secret,
        uri=uri,
        picture=picture,
    )


@pages.get("/signin/reset")
async def reset(visit: Visit) -> web.StreamResponse:
    """The form of somebody who forgot the password."""
    return visit.page("signin/reset.html", "パスワードを決め直す", crumbs=_CRUMBS)


@pages.post("/signin/reset")
async def reset_asked(visit: Visit) -> web.StreamResponse:
    """The same answer whether or not the account is known."""
    form = await visit.form()
    form.need("sign_in_id", "アカウントIDを入れてください")
    form.need("email", "登録したメールアドレスを入れてください")
    if not form.errors:
        body = {"sign_in_id": form.ascii("sign_in_id"), "email": form.ascii("email")}
        reply = await visit.ask("POST", "identity/password-resets", body=body, key=form.key)
        if reply.ok:
            return visit.go("/signin/reset-sent")
        if reply.status != 422:
            raise Answered(reply)
        form.take(reply.json())
    return visit.page(
        "signin/reset.html", "パスワードを決め直す", status=422, crumbs=_CRUMBS, form=form
    )


@pages.get("/signin/reset-sent")
async def reset_sent(visit: Visit) -> web.StreamResponse:
    """Look into your mail."""
    return visit.page("signin/reset_sent.html", "メールをご確認ください", crumbs=_CRUMBS)


@pages.post("/signout")
async def sign_out(visit: Visit) -> web.StreamResponse:
    """The session is over, here and everywhere it was used."""
    await visit.form()
    cookies = await visit.services.sign_out(visit.request)
    answer = visit.go("/?done=signed_out")
    for cookie in cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer


def _say(form: Form, entering: Entering, field: str = "form") -> None:
    problem = entering.reply.json()
    detail = problem.get("detail") if isinstance(problem, dict) else ""
    form.wrong(field, detail or "いま確認できません。少し待ってからもう一度お試しください。")


def _entered(visit: Visit, entering: Entering, wanted: str) -> web.Response:
    onwards = own_path(wanted, "/signin/done")
    next_pages = {
        "second_factor": f"/signin/second-factor?next={onwards}",
        "second_factor_setup": _SETUP,
    }
    return _with_cookies(visit.go(next_pages.get(entering.state, onwards)), entering)


@pages.get("/signin/done")
async def done(visit: Visit) -> web.StreamResponse:
    """To the own front door."""
    return visit.go(f"/{visit.me.organisation_kind}")


def _with_cookies(answer: web.Response, entering: Entering) -> web.Response:
    for cookie in entering.cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer
