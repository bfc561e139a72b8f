"""One visit of one page: who came, what they sent, whom to ask, what to answer."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiohttp import web

from chassis.clock import now
from gateway.portal import hours
from gateway.portal.asking import (
    CARD_DOOR,
    DESK_DAYS,
    RESIDENT,
    SERVICES,
    TOKEN,
    VISITOR,
    CardDoor,
    Reply,
    Resident,
    Services,
    Visitor,
)
from gateway.portal.doors import Door, current_of, door_of
from gateway.portal.forms import Form
from gateway.portal.rendering import render
from gateway.portal.tongues import address_in, leading_on, plain_path, spoken, variant_of

#: The cookie that holds the opaque session; the edge sets it, a form's token is tied to it.
SESSION_COOKIE = "__Host-machipo"
#: Beside it at a desk: the session of the person who is being helped. A form is theirs alone.
DESK_COOKIE = "__Host-machipo-desk"
VERSION = "0.1.0"
Crumbs = tuple[tuple[str, str], ...]


class Answered(Exception):
    """A service said no, and the page has no better words for it than the error pages."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"answered {reply.status}")
        self.reply = reply


class Refused(Exception):
    """The gateway itself refuses the visit: ``status`` picks the error page."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail


@dataclass(frozen=True)
class Visit:
    """A request for a page, with what a page may do about it."""

    request: web.Request

    @property
    def variant(self) -> str:
        """The language that was asked for: ``ja``, ``easy`` or ``en``."""
        return variant_of(self.request.path)

    @property
    def visitor(self) -> Visitor | None:
        """Who is signed in with this browser."""
        return self.request.get(VISITOR)

    @property
    def me(self) -> Visitor:
        """Who is signed in; on pages behind a door there always is somebody."""
        found = self.visitor
        if found is None:
            raise Refused(401)
        return found

    @property
    def resident(self) -> Resident | None:
        """The resident who acts in this browser, at home or helped at a desk."""
        return self.request.get(RESIDENT)

    @property
    def person(self) -> Resident:
        """The resident who acts; on pages of residents there always is somebody."""
        found = self.resident
        if found is None:
            raise Refused(401)
        return found

    @property
    def services(self) -> Services:
        """Whom to ask."""
        return self.request.app[SERVICES]

    @property
    def card_door(self) -> CardDoor:
        """Where residents come in."""
        return self.request.app[CARD_DOOR]

    @property
    def path(self) -> str:
        """The address without its language."""
        return plain_path(self.request.path)

    @property
    def door(self) -> Door:
        """The door this page lies behind."""
        return door_of(self.path)

    @property
    def at(self) -> datetime:
        """This instant."""
        return now()

    def part(self, name: str) -> str:
        """A part of the address."""
        return self.request.match_info[name]

    def query(self, name: str, default: str = "") -> str:
        """A value of the query, trimmed."""
        return self.request.query.get(name, default).strip()

    def day(self, name: str) -> str:
        """A day of the query, as 2023-11-30; empty when it is none."""
        try:
            return date.fromisoformat(self.query(name)).isoformat()
        except ValueError:
            return ""

    def number(self, name: str, most: int) -> int:
        """A number of the query, from 0 to ``most``."""
        given = self.query(name)
        return min(int(given), most) if re.fullmatch(r"[0-9]{1,3}", given) else 0

    def has(self, *roles: str) -> bool:
        """Whether the visitor holds one of these roles."""
        return self.visitor is not None and bool(self.visitor.roles & set(roles))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask a service (``registry/counts``) as the visitor."""
        return await self.services.ask(
            method,
            f"/api/v1/{path}",
            body=body,
            query=query,
            token=self.request.get(TOKEN),
            idempotency_key=key,
            headers=headers,
        )

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What a service knows; the visit ends in an error page when it does not say."""
        reply = await self.ask("GET", path, query=query)
        if not reply.ok:
            raise Answered(reply)
        return reply.json()

    async def form(self) -> Form:
        """What was posted, by a page of ours in this browser."""
        posted = await self.request.post()
        if not hmac.compare_digest(
            str(posted.get("csrf", "")).encode(), csrf_of(self.request).encode()
        ):
            raise Refused(
                403,
                "画面の有効期限が切れました。前のページを読み込み直してから、もう一度お試しください。",
            )
        return Form.posted(posted)

    def page(
        self,
        template: str,
        title: str,
        *,
        status: int = 200,
        crumbs: Crumbs = (),
        form: Form | None = None,
        **values: Any,
    ) -> web.Response:
        """The page, with everything every page has."""
        values.setdefault("title", title)
        if form is not None and form.errors:
            # What is sent after mending is another act: under the old key it would be refused.
            form.key = Form().key
        tongue = spoken(self.variant, template)
        frame = {**self._frame(crumbs), "tongue": tongue, "form": form or Form()}
        text = leading_on(self.variant, render(template, {**frame, **values}, tongue))
        response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
        known = self.visitor is not None or self.resident is not None
        if known or self.request.method != "GET":
            response.headers["Cache-Control"] = "no-store"
        return response

    def _frame(self, crumbs: Crumbs) -> dict[str, Any]:
        differing = self.request.get(DESK_DAYS)
        is_open, words = hours.open_now(
            self.at, self.services.desk_days() if differing is None else differing
        )
        return {
            "visit": self,
            "visitor": self.visitor,
            "resident": self.resident,
            "door": self.door,
            "current": current_of(self.door, self.path),
            "crumbs": crumbs,
            "csrf": csrf_of(self.request),
            "open_now": is_open,
            "open_words": words,
            "version": VERSION,
            "done": self.query("done"),
            "now": self.at,
        }

    def go(self, address: str) -> web.Response:
        """On to the next page after something was done."""
        onwards = address_in(self.variant, address)
        return web.Response(status=303, headers={"Location": onwards, "Cache-Control": "no-store"})


def csrf_of(request: web.Request) -> str:
    """The token forms of this browser carry; without a session it proves nothing and is empty."""
    session = request.cookies.get(SESSION_COOKIE, "") + request.cookies.get(DESK_COOKIE, "")
    return hmac.new(session.encode(), b"portal form", hashlib.sha256).hexdigest() if session else ""


def own_path(address: str, otherwise: str) -> str:
    """An address to go on to, if it is one of ours."""
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if ours and address.isprintable() else otherwise
