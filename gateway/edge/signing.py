"""Opening, completing and ending a browser's session; the cookie's value is seen by gateway and browser alone.

``Secure`` is always said, also on a machine of one's own: Chromium takes such a cookie over plain HTTP from
``localhost`` and ``127.0.0.1`` (tests/gateway/test_browser.py asks it). Any other address needs TLS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from gateway.edge.access import COOKIE, DESK, DEVICE, Sessions, check_origin
from gateway.edge.body import length_of, read_whole
from gateway.edge.problems import Answer, Problem, malformed, sign_in_first
from gateway.edge.reads import Found, passable
from gateway.edge.visit import Visit

_FLAGS = "; Path=/; Secure; HttpOnly; SameSite=Lax"
_DEVICE_SECONDS = 400 * 24 * 3600
_MOST_BODY = 8 * 1024


@dataclass(frozen=True, slots=True)
class Signing:
    """What ``/api/v1/sessions`` and the sign-in pages do."""

    sessions: Sessions
    scheme: str

    async def opened(
        self, request: web.BaseRequest, address: str, sign_in_id: str, password: str
    ) -> tuple[Answer, tuple[str, ...]]:
        """A new session for this browser, and the cookies that carry it."""
        body = {
            "sign_in_id": sign_in_id,
            "password": password,
            "address": address,
            "user_agent": request.headers.get("User-Agent", "")[:1000],
            "device": request.cookies.get(DEVICE, "")[:100] or None,
        }
        return _carried(await self.sessions.ask("/internal/sessions", body))

    async def completed(
        self, request: web.BaseRequest, address: str, code: str
    ) -> tuple[Answer, tuple[str, ...]]:
        """The session of this browser, once the code was right."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise sign_in_first()
        body = {"session": cookie[:100], "code": code, "address": address}
        return _carried(await self.sessions.ask("/internal/sessions/second-factor", body))

    async def by_card(self, answered: Mapping[str, str]) -> tuple[Answer, tuple[str, ...]]:
        """A new session for the resident whose card answered."""
        return _carried(await self.sessions.ask("/internal/sessions/card", answered))

    async def at_desk(
        self, request: web.BaseRequest, answered: Mapping[str, str], terminal: str
    ) -> tuple[Answer, tuple[str, ...]]:
        """A session for the next person at the desk of whoever is signed in here."""
        staff = request.cookies.get(COOKIE)
        if not staff:
            raise sign_in_first()
        body = {**answered, "staff_session": staff[:100], "terminal": terminal}
        return _carried(await self.sessions.ask("/internal/sessions/desk", body), DESK)

    async def desk_over(self, request: web.BaseRequest, reason: str) -> tuple[str, ...]:
        """The person at the desk is done; the cookie is taken back in any case."""
        cookie = request.cookies.get(DESK)
        if cookie:
            body = {"session": cookie[:100], "reason": reason}
            await self.sessions.ask("/internal/sessions/end", body)
        return (f"{DESK}=; Max-Age=0{_FLAGS}",)

    async def over(self, request: web.BaseRequest) -> tuple[str, ...]:
        """The session of this browser is ended; the cookie is taken back in any case."""
        cookie = request.cookies.get(COOKIE)
        if cookie:
            # Even if identity does not answer, this worker forgets it.
            known = await self.sessions.known(cookie)
            await self.sessions.ask("/internal/sessions/end", {"session": cookie[:100]})
            if known is not None:
                self.sessions.ended(str(known.principal.session_id))
        return (f"{COOKIE}=; Max-Age=0{_FLAGS}",)

    async def post(self, visit: Visit) -> Found:
        """``POST /api/v1/sessions``."""
        said = await self._said(visit, {"sign_in_id", "password"})
        answer, cookies = await self.opened(
            visit.request, visit.address, said["sign_in_id"], said["password"]
        )
        return self._answered(visit, answer, cookies)

    async def post_code(self, visit: Visit) -> Found:
        """``POST /api/v1/sessions/second-factor``."""
        said = await self._said(visit, {"code"})
        answer, cookies = await self.completed(visit.request, visit.address, said["code"])
        return self._answered(visit, answer, cookies)

    async def post_card(self, visit: Visit) -> Found:
        """``POST /api/v1/sessions/card``."""
        said = await self._said(visit, {"challenge_id", "certificate", "signature"})
        answer, cookies = await self.by_card(said)
        return self._answered(visit, answer, cookies)

    async def delete(self, visit: Visit) -> Found:
        """``DELETE /api/v1/sessions/current``."""
        self._check_origin(visit)
        for cookie in await self.over(visit.request):
            visit.more.append((b"Set-Cookie", cookie.encode()))
        return Answer(204, ())

    def _check_origin(self, visit: Visit) -> None:
        cookie = COOKIE in visit.request.cookies
        check_origin(visit.request.headers, self.scheme, visit.host, cookie=cookie)

    async def _said(self, visit: Visit, names: set[str]) -> Mapping[str, str]:
        self._check_origin(visit)
        kind = visit.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "content-type", "JSON（application/json）で送ってください。")
        raw = await read_whole(visit.request, length_of(visit.request), _MOST_BODY)
        try:
            said = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise malformed("json-malformed", "JSON として読み取れません。") from None
        if not isinstance(said, dict) or set(said) != names or not _texts(said):
            raise Problem(
                422, "fields-invalid", "ログインに必要な項目を確かめて、もう一度送ってください。"
            )
        return said

    def _answered(self, visit: Visit, answer: Answer, cookies: tuple[str, ...]) -> Found:
        for cookie in cookies:
            visit.more.append((b"Set-Cookie", cookie.encode()))
        return answer


def _texts(said: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) and 0 < len(value) <= 6000 for value in said.values())


def _carried(answer: Answer, name: str = COOKIE) -> tuple[Answer, tuple[str, ...]]:
    """The answer without the session's value, which goes into the cookie."""
    if answer.status not in (200, 201):
        found = passable(answer)
        if isinstance(found, Problem):
            raise found
        return found, ()
    said = orjson.loads(answer.body)
    cookies = [f"{name}={said.pop('session')}{_FLAGS}"]
    device = said.pop("device", None)
    if device:
        cookies.append(f"{DEVICE}={device}; Max-Age={_DEVICE_SECONDS}{_FLAGS}")
    body = orjson.dumps({"state": said["state"], "expires_at": said["expires_at"]})
    return Answer(201, ((b"content-type", b"application/json"),), body), tuple(cookies)
