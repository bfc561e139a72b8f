"""Pages that stand for themselves: how it works, help, contact, terms, data, status."""

from aiohttp import web

from chassis.clock import today
from gateway.portal import hours
from gateway.portal.routes import Pages
from gateway.portal.visit import Visit

pages = Pages()
_HOME = (("/", "ホーム"),)
#: address → template, title
_PLAIN = {
    "/how": ("public/how.html", "受け取りまでの流れと必要なもの"),
    "/help": ("public/help.html", "ヘルプ・問い合わせ"),
    "/accessibility": ("public/accessibility.html", "ウェブアクセシビリティ"),
    "/privacy": ("public/privacy.html", "個人情報の取扱い"),
    "/terms": ("public/terms.html", "利用規約"),
    "/data": ("public/data.html", "公開データ・API"),
    "/sitemap": ("public/sitemap.html", "サイトマップ"),
    "/signin": ("signin/choose.html", "ログイン"),
    "/accounts/new": ("accounts/start.html", "アカウント発行の申請"),
}


@pages.get(*_PLAIN)
async def plain(visit: Visit) -> web.StreamResponse:
    """A page that is only read."""
    template, title = _PLAIN[visit.path]
    return visit.page(template, title, crumbs=_HOME)


@pages.get("/contact")
async def contact(visit: Visit) -> web.StreamResponse:
    """Who answers what, and when somebody is at the phone."""
    reply = await visit.ask("GET", "scheduling/calendar")
    # Week and holidays are known here too: the page stands while scheduling is away.
    week = reply.json()["days"] if reply.ok else hours.week(today(), visit.services.desk_days())
    return visit.page("public/contact.html", "お問い合わせ", crumbs=_HOME, week=week)
