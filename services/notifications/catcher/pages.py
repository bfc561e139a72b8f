"""The catcher's page: the mails in a list, one mail to read, and the same for programs."""

from html import escape

from aiohttp import web

from services.notifications.catcher.shelf import Caught, Headline, Shelf

#: Mails in the list; the older ones are found by their address.
_LISTED = 100
SHELF = web.AppKey("shelf", Shelf)
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STYLE = """
body { font: 1rem/1.7 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #949494; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; border: 1px solid #949494;
  border-radius: 8px; padding: 1rem; }
"""

routes = web.RouteTableDef()


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    """The mails, newest first."""
    to = request.query.get("to") or None
    rows = "".join(map(_row, request.app[SHELF].headlines(to, _LISTED)))
    body = f"""<h1>届いたメール</h1>
<form><label for="to">あて先</label>
<input id="to" name="to" type="email" value="{escape(to or "")}"> <button>しぼりこむ</button></form>
<table><thead><tr><th scope="col">届いた時刻（UTC）</th><th scope="col">あて先</th>
<th scope="col">件名</th></tr></thead><tbody>{rows}</tbody></table>"""
    return _page("届いたメール", body if rows else body + "<p>まだ届いていません。</p>")


@routes.get("/mails/{number:[0-9]{1,9}}")
async def read(request: web.Request) -> web.Response:
    """One mail, its links ready to be followed."""
    mail = request.app[SHELF].mail(int(request.match_info["number"]))
    if mail is None:
        raise web.HTTPNotFound(text="このメールはありません。")
    body = f"""<p><a href="/">一覧にもどる</a></p><h1>{escape(mail.subject)}</h1>
<p>差出人：{escape(mail.sender)}<br>あて先：{escape(mail.to)}<br>
届いた時刻（UTC）：{escape(mail.received_at)}</p>
<pre>{_linked(mail)}</pre>
<p><a href="/mails/{mail.id}.eml">届いたままのデータ</a></p>"""
    return _page(mail.subject, body)


@routes.get("/mails/{number:[0-9]{1,9}}.eml")
async def raw(request: web.Request) -> web.Response:
    """One mail as it came over the wire."""
    found = request.app[SHELF].raw(int(request.match_info["number"]))
    if found is None:
        raise web.HTTPNotFound(text="このメールはありません。")
    return web.Response(body=found, content_type="text/plain", headers=_SAFE)


@routes.get("/mails")
async def mails(request: web.Request) -> web.Response:
    """The mails for a program: ``?to=`` an address, ``?after=`` an id, newest first."""
    after = request.query.get("after", "0")
    if not after.isdigit():
        raise web.HTTPBadRequest(text="after is the id of a mail")
    found = request.app[SHELF].mails(request.query.get("to") or None, int(after))
    return web.json_response({"mails": [mail.as_json() for mail in found]}, headers=_SAFE)


@routes.delete("/mails")
async def clear(request: web.Request) -> web.Response:
    """An empty shelf."""
    request.app[SHELF].clear()
    return web.Response(status=204)


@routes.get("/style.css")
async def style(_: web.Request) -> web.Response:
    """The looks."""
    return web.Response(text=_STYLE, content_type="text/css", headers=_SAFE)


@routes.get("/livez")
async def alive(_: web.Request) -> web.Response:
    """It is up."""
    return web.json_response({"service": "catcher"})


def new_app(shelf: Shelf) -> web.Application:
    """The page over a shelf."""
    app = web.Application()
    app[SHELF] = shelf
    app.add_routes(routes)
    return app


def _row(mail: Headline) -> str:
    return (
        f"<tr><td>{escape(mail.received_at[:19])}</td><td>{escape(mail.to)}</td>"
        f'<td><a href="/mails/{mail.id}">{escape(mail.subject) or "（件名なし）"}</a></td></tr>'
    )


def _linked(mail: Caught) -> str:
    text = escape(mail.text)
    for link in sorted(map(escape, mail.links), key=len, reverse=True):
        text = text.replace(link, f'<a href="{link}" rel="noreferrer">{link}</a>', 1)
    return text


def _page(title: str, body: str) -> web.Response:
    document = f"""<!doctype html><html lang="ja"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>
<link rel="stylesheet" href="/style.css"></head><body><main>{body}</main></body></html>"""
    return web.Response(text=document, content_type="text/html", headers=_SAFE)
