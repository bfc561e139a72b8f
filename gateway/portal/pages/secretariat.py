"""The secretariat's desk, the accounts, and the changes organisations ask for."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chassis.clock import today
from gateway.portal.doors import EDITORS, SECRETARIAT_ONLY
from gateway.portal.forms import Form, date_fields
from gateway.portal.pages.organisation import in_words
from gateway.portal.pages.review import REVIEWERS
from gateway.portal.routes import Pages
from gateway.portal.visit import Answered, Visit
from gateway.portal.words import ACCOUNT

pages = Pages(SECRETARIAT_ONLY)
_HOME = (("/secretariat", "仕事の一覧"),)
_ACCOUNT = "/secretariat/accounts/{account_id:[0-9a-f-]{36}}"
_CHANGE = "/secretariat/changes/{request_id:[0-9a-f-]{36}}"


@pages.get("/secretariat")
async def desk(visit: Visit) -> web.StreamResponse:
    """What waits, the oldest promise first."""
    queue, measures, changes, accounts, mails = await asyncio.gather(
        _or_nothing(visit, "registry/registrations", {"limit": "10"}),
        _or_nothing(visit, "registry/measure-checks", {"limit": "10"}),
        _or_nothing(visit, "registry/change-requests", {"limit": "10"}),
        _or_nothing(visit, "identity/accounts", {"limit": "1"}),
        _or_nothing(visit, "notifications/deliveries", {"open": "true", "limit": "10"}),
    )
    return visit.page(
        "secretariat/desk.html",
        "仕事の一覧",
        queue=queue,
        measures=measures,
        changes=changes,
        accounts=accounts,
        mails=mails,
        today=today().isoformat(),
    )


async def _or_nothing(visit: Visit, path: str, query: dict[str, str]) -> dict[str, Any] | None:
    """What a service knows, or None: one service that is away takes only its own block off the desk."""
    reply = await visit.ask("GET", path, query=query)
    if reply.status == 401:
        raise Answered(reply)
    found: dict[str, Any] | None = reply.json() if reply.ok else None
    return found


@pages.get("/secretariat/accounts")
async def accounts(visit: Visit) -> web.StreamResponse:
    """Accounts and requests for them."""
    asked = {n: visit.query(n) for n in ("state", "kind", "q", "after") if visit.query(n)}
    found = await visit.get("identity/accounts", asked)
    kept = {k: v for k, v in asked.items() if k != "after"}
    following = urlencode(kept | {"after": found["next"]}) if found["next"] else ""
    states = ("requested", "mail_bounced", "expired", "provisional", "issued", "active", "closed")
    return visit.page(
        "secretariat/accounts.html",
        "アカウント",
        crumbs=_HOME,
        found=found,
        asked=asked,
        states=[(s, ACCOUNT[s][1]) for s in states],
        next_address=f"?{following}" if following else "",
    )


@pages.get(_ACCOUNT)
async def account(visit: Visit) -> web.StreamResponse:
    """One account with its people."""
    return await _account_page(visit, Form())


@pages.post(_ACCOUNT + "/{act:close|renew}", roles=EDITORS)
async def account_act(visit: Visit) -> web.StreamResponse:
    """Mail a fresh link, or close the account for good."""
    form, one = await visit.form(), visit.part("account_id")
    if visit.part("act") == "renew":
        reply = await visit.ask(
            "POST", f"identity/accounts/{one}/renew-link", body={}, key=form.key
        )
        done = "renewed"
    else:
        form.need("reason", "終了の理由を入れてください")
        if form.errors:
            return await _account_page(visit, form)
        body = {"reason": form["reason"]}
        reply = await visit.ask("POST", f"identity/accounts/{one}/close", body=body, key=form.key)
        done = "closed"
    if not reply.ok:
        raise Answered(reply)
    return visit.go(f"/secretariat/accounts/{one}?done={done}")


async def _account_page(visit: Visit, form: Form) -> web.Response:
    found = await visit.get(f"identity/accounts/{visit.part('account_id')}")
    return visit.page(
        "secretariat/account.html",
        f"{found['organisation_name']}のアカウント",
        status=422 if form.errors else 200,
        crumbs=(*_HOME, ("/secretariat/accounts", "アカウント")),
        form=form,
        account=found,
    )


@pages.get("/secretariat/changes")
async def changes(visit: Visit) -> web.StreamResponse:
    """Changes organisations ask for, the ones waiting longest first."""
    state = visit.query("state") or "open"
    asked = {"state": state} | ({"after": visit.query("after")} if visit.query("after") else {})
    found = await visit.get("registry/change-requests", asked)
    following = urlencode({"state": state, "after": found["next"]}) if found["next"] else ""
    return visit.page(
        "secretariat/changes.html",
        "変更の申し出",
        crumbs=_HOME,
        found=found,
        state=state,
        next_address=f"?{following}" if following else "",
    )


@pages.get(_CHANGE)
async def change(visit: Visit) -> web.StreamResponse:
    """One change with what it would alter."""
    return await _change_page(visit, None)


@pages.post(_CHANGE, roles=REVIEWERS)
async def decide_change(visit: Visit) -> web.StreamResponse:
    """Grant the change from a day on, or say why not."""
    form = await visit.form()
    body: dict[str, Any] = {"message": form["message"]}
    if form["decision"] == "approve":
        day = form.date("effective_on", "適用する日")
        body |= {"effective_on": day.isoformat()} if day else {}
    elif form["decision"] == "reject":
        form.need("message", "相手に伝える文を入れてください")
    else:
        form.wrong("decision", "どうするかを選んでください")
    if not form.errors:
        path = f"registry/change-requests/{visit.part('request_id')}/{form['decision']}"
        reply = await visit.ask("POST", path, body=body, key=form.key)
        if reply.ok:
            return visit.go("/secretariat/changes?done=decided")
        if reply.status != 422:
            raise Answered(reply)
        form.take(reply.json())
    return await _change_page(visit, form)


async def _change_page(visit: Visit, form: Form | None) -> web.Response:
    found = await visit.get(f"registry/change-requests/{visit.part('request_id')}")
    form = form or Form.of(
        date_fields("effective_on", max(found["wanted_on"], today().isoformat()))
    )
    one = await visit.get(f"registry/registrations/{found['organisation_id']}")
    return visit.page(
        "secretariat/change.html",
        f"{one['form']['organisation']['name'] or one['claimed_name']}の変更の申し出",
        status=422 if form.errors else 200,
        crumbs=(*_HOME, ("/secretariat/changes", "変更の申し出")),
        form=form,
        request=in_words(found),
        one=one,
        may_decide=visit.has(*REVIEWERS),
    )
