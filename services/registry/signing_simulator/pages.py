"""The simulator's pages: the documents with their mails, and the signer's page behind a link."""

from html import escape

from aiohttp import web
from pydantic import BaseModel, ValidationError

from services.registry.signing_simulator.api import ERRANDS, MOODS, SHELF
from services.registry.signing_simulator.moods import Fault
from services.registry.signing_simulator.shelf import (
    AGREED,
    BOUNCED,
    OPENED,
    REJECTED,
    Document,
    Wrong,
)

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STYLE = """
body { font: 1rem/1.7 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #767676; vertical-align: top; }
form { display: inline-block; margin: .25rem .5rem .25rem 0; }
button { font: inherit; min-height: 2.75rem; padding: 0 1rem; }
.truth { border: 2px solid #767676; padding: .5rem 1rem; }
"""
_STATES = ("下書き", "先方確認中", "締結完了", "取り消し・却下")
_ACTS = {"agree": AGREED, "reject": REJECTED, "bounce": BOUNCED, "open": OPENED}
_WORDS = {"agree": "COMPLETED", "reject": "CANCELED", "bounce": "BOUNCED"}

routes = web.RouteTableDef()


class Control(BaseModel):
    """What the simulator is told; each field is one wish."""

    closed: bool | None = None
    retry_after: int | None = None
    faults: list[Fault] | None = None
    forget_tokens: bool = False
    let_go: bool = False
    let_pass: int = 0
    webhook: dict[str, str | int] | None = None


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    """Every document with its mails."""
    documents = request.app[SHELF].documents[::-1]
    rows = "".join(map(_row, documents[:100])) or '<tr><td colspan="3">まだありません。</td></tr>'
    closed = request.app[MOODS].closed
    turn = "開ける" if closed else "メンテナンスにする"
    body = f"""<h1>電子契約の文書</h1><table><thead><tr><th scope="col">文書</th><th scope="col">状態</th>
<th scope="col">メール</th></tr></thead><tbody>{rows}</tbody></table>
<h2>模擬サービスの様子</h2><p>{"メンテナンス中です（503を返します）。" if closed else "動いています。"}</p>
{_form("/mood", "closed", "0" if closed else "1", turn)}{_form("/mood", "let_pass", "7", "7日進める")}
{_form("/mood", "forget_tokens", "1", "トークンを忘れる")}"""
    return _page("電子契約の文書", body)


@routes.post("/mood")
async def mood(request: web.Request) -> web.Response:
    """A button of the page."""
    form = await request.post()
    if "closed" in form:
        request.app[MOODS].closed = form["closed"] == "1"
    if "let_pass" in form:
        request.app[SHELF].let_pass(7)
    if "forget_tokens" in form:
        request.app[SHELF].tokens.clear()
    raise web.HTTPSeeOther("/")


@routes.get("/sign/{link:[A-Za-z0-9_-]{8,40}}")
async def signer(request: web.Request) -> web.Response:
    """What the signer sees behind the link of the last mail."""
    found = request.app[SHELF].by_link(request.match_info["link"])
    if found is None:
        page = _page(
            "リンクの期限切れ",
            "<h1>このリンクは使えません</h1><p>新しいメールのリンクを開いてください。</p>",
        )
        page.set_status(410)
        return page
    turn = found.turn()
    who = f"{turn.name} 様（{turn.email}）" if turn else ""
    body = f"<h1>{escape(found.title)}</h1><p>{escape(who)}</p>"
    for act, words in (
        ("agree", "同意して締結する"),
        ("reject", "却下する"),
        ("bounce", "メールが届かなかったことにする"),
    ):
        body += _form(request.path, "act", act, words)
    return _page(found.title, body)


@routes.post("/sign/{link:[A-Za-z0-9_-]{8,40}}")
async def sign(request: web.Request) -> web.Response:
    """The signer agrees, rejects, or never got the mail."""
    shelf, form = request.app[SHELF], await request.post()
    found = shelf.by_link(request.match_info["link"])
    act = str(form.get("act", ""))
    if found is None or act not in _ACTS:
        raise web.HTTPGone(text="このリンクは使えません。")
    try:
        shelf.sign(found, _ACTS[act])
    except Wrong as why:
        raise web.HTTPBadRequest(text=why.message) from None
    if act in _WORDS:
        request.app[ERRANDS].tell(found, _WORDS[act])
    raise web.HTTPSeeOther("/")


@routes.get("/control")
async def everything(request: web.Request) -> web.Response:
    """Every document with its mails, and the calls that are held, for a program."""
    shown = [d.model_dump(mode="json") for d in request.app[SHELF].documents]
    held = request.app[MOODS].held
    return web.json_response({"documents": shown, "held": held}, headers=_SAFE)


@routes.post("/control")
async def control(request: web.Request) -> web.Response:
    """What the simulator is to do wrong, told by a program."""
    shelf, moods = request.app[SHELF], request.app[MOODS]
    try:
        wish = Control.model_validate_json(await request.read())
    except ValidationError as why:
        raise web.HTTPBadRequest(text=str(why)) from None
    moods.closed = moods.closed if wish.closed is None else wish.closed
    moods.retry_after = wish.retry_after or moods.retry_after
    moods.faults = moods.faults if wish.faults is None else wish.faults
    if wish.forget_tokens:
        shelf.tokens.clear()
    if wish.let_go:
        moods.let_go()
    if wish.let_pass:
        shelf.let_pass(wish.let_pass)
    if wish.webhook is not None:
        request.app[ERRANDS].send(dict(wish.webhook))
    return web.Response(status=204)


@routes.get("/style.css")
async def style(_: web.Request) -> web.Response:
    """The looks."""
    return web.Response(text=_STYLE, content_type="text/css", headers=_SAFE)


@routes.get("/livez")
async def alive(_: web.Request) -> web.Response:
    """It is up."""
    return web.json_response({"service": "signing simulator"})


def _row(document: Document) -> str:
    mails = "".join(
        f"<li>{escape(m.to)} {m.at:%m/%d %H:%M}"
        + (
            f' <a href="/sign/{m.link}">リンクを開く</a>'
            if m.link == document.link
            else "（古いリンク）"
        )
        + "</li>"
        for m in document.mails
    )
    state = _STATES[document.status]
    return (
        f'<tr><th scope="row">{escape(document.title)}</th><td>{state}</td>'
        f"<td><ul>{mails}</ul></td></tr>"
    )


def _form(action: str, name: str, value: str, words: str) -> str:
    hidden = f'<input type="hidden" name="{name}" value="{value}">'
    return f'<form method="post" action="{action}">{hidden}<button>{words}</button></form>'


def _page(title: str, body: str) -> web.Response:
    document = f"""<!doctype html><html lang="ja"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>
<link rel="stylesheet" href="/style.css"></head><body><main>
<p class="truth">これは電子契約サービスの模擬です。署名に法的な効力はありません。</p>{body}</main></body></html>"""
    return web.Response(text=document, content_type="text/html", headers=_SAFE)
