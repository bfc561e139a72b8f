"""A clerk at a browser without scripts: reads pages, fills in forms, presses buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
from yarl import URL

from tests.rig.sheet import Sheet


@dataclass(slots=True)
class Clerk:
    """One browser; ``at`` is the page it shows."""

    url: str
    http: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)
    path: str = "/"
    status: int = 0
    at: Sheet = field(default_factory=lambda: Sheet(""))

    async def open(self, path: str) -> Sheet:
        """Go to an address."""
        return await self._ask("GET", path)

    async def follow(self, words: str) -> Sheet:
        """Press a link."""
        return await self.open(self.at.link(words))

    async def press(
        self,
        button: str,
        values: Mapping[str, str | list[str]] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Sheet:
        """Fill in the form that has that button, and press it; whatever already stands there stays."""
        form, pressed = self.at.form(button)
        # A form without an address goes to the page it stands on.
        action = pressed.action or self.path
        typed = dict(values or {})
        fields = [(n, v) for n, v in form.values if n and n not in typed]
        for name, value in typed.items():
            fields += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if pressed.name:
            fields.append((pressed.name, pressed.value))
        if form.method == "get":
            return await self._ask("GET", str(URL(action).with_query(fields)))
        if not form.multipart:
            return await self._ask("POST", action, data=aiohttp.FormData(fields))
        whole = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields:
            whole.add_field(name, value)
        for name in form.files:
            file_name, content = (files or {}).get(name, ("", b""))
            whole.add_field(name, content, filename=file_name, content_type="application/pdf")
        return await self._ask("POST", action, data=whole)

    async def _ask(self, method: str, path: str, **more: Any) -> Sheet:
        headers = {"Accept": "text/html"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if method == "POST":
            headers |= {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
            body = more.pop("data")()
            raw = await _bytes(body)
            headers |= {
                "Content-Type": body.headers["Content-Type"],
                "Content-Length": str(len(raw)),
            }
            more["data"] = raw
        address = (
            URL(self.url + path.partition("#")[0], encoded=True) if "%" in path else self.url + path
        )
        async with self.http.request(
            method, address, headers=headers, allow_redirects=False, **more
        ) as response:
            self._keep(response.headers.getall("Set-Cookie", []))
            self.status, self.path = response.status, path
            if response.status == 303:
                return await self._ask("GET", response.headers["Location"])
            self.at = Sheet((await response.read()).decode())
        return self.at

    def _keep(self, given: list[str]) -> None:
        for one in given:
            for name, morsel in SimpleCookie(one).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def expect(self, status: int, h1: str) -> Sheet:
        """The page that is shown, if it is the one expected."""
        seen = (
            f"{self.path}: {self.status} {self.at.title!r} {self.at.errors}\n{self.at.words[:1500]}"
        )
        assert (self.status, h1 in self.at.h1) == (status, True), seen
        return self.at


async def _bytes(body: Any) -> bytes:
    """A form as it goes over the wire: whole, with its length known."""

    class Whole:
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        async def write(self, chunk: bytes) -> None:
            self.parts.append(bytes(chunk))

    whole = Whole()
    await body.write(whole)
    return b"".join(whole.parts)
