"""CloudSign's Web API, or whoever speaks it at the address that is set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, FormData

from chassis.clock import now
from services.registry.model.agreement import Signer
from services.registry.model.signing import Document
from services.registry.outside import AwayNow, Nonsense, Refused, Unclear
from services.registry.outside.cloudsign_wire import DocumentList, Draft, Token, read_as

_LONGEST = 8 * 1024 * 1024
_MOST_PAGES = 200
#: A token is renewed so long before it ends.
_EARLY = timedelta(seconds=60)
_CLOSED = frozenset({429, 503})
_UNKNOWN_TOKEN = 401


@asynccontextmanager
async def cloudsign(
    url: str, client_id: str, *, seconds: float = 20.0
) -> AsyncIterator["CloudSign"]:
    """A client of the signing service at an address, for as long as it is needed."""
    async with ClientSession() as session:
        yield CloudSign(session, url, client_id, seconds=seconds)


class CloudSign:
    """One client of the signing service, with its token."""

    def __init__(
        self, session: ClientSession, url: str, client_id: str, *, seconds: float = 20.0
    ) -> None:
        self._session, self._url, self._client_id = session, url.rstrip("/"), client_id
        self._timeout = ClientTimeout(total=seconds)
        self._token, self._token_until = "", datetime.min.replace(tzinfo=now().tzinfo)
        self._asking = asyncio.Lock()

    async def find(self, reference: str) -> Document | None:
        """The first document in which our reference stands."""
        for page in range(1, _MOST_PAGES + 1):
            content = await self._call("GET", "/documents", params={"page": str(page)})
            listed = read_as(DocumentList, content).documents
            for found in listed:
                if reference in f"{found.title} {found.note}":
                    return await self.read(found.id)
            if not listed:
                return None
        raise Nonsense("a list of documents without end")

    async def read(self, document_id: str) -> Document:
        """A document as it is now."""
        content = await self._call("GET", f"/documents/{document_id}")
        return read_as(Draft, content).document()

    async def create(self, title: str, reference: str) -> str:
        """A new draft; its id."""
        form = {"title": title, "note": reference}
        return read_as(Draft, await self._call("POST", "/documents", data=form)).id

    async def attach(self, document_id: str, name: str, pdf: bytes) -> None:
        """Put the PDF into a draft."""
        await self._call("POST", f"/documents/{document_id}/files", file=(name, pdf))

    async def add_signer(self, document_id: str, signer: Signer) -> None:
        """Name the next signer of a draft."""
        form = {"email": signer.mail, "name": signer.name, "organization": signer.organisation}
        await self._call("POST", f"/documents/{document_id}/participants", data=form)

    async def send_or_remind(self, document_id: str) -> None:
        """Send a draft; one that was sent is reminded of."""
        await self._call("POST", f"/documents/{document_id}")

    async def cancel(self, document_id: str) -> None:
        """Take a sent document back."""
        await self._call("PUT", f"/documents/{document_id}/decline")

    async def certificate(self, document_id: str) -> bytes:
        """The certificate of a concluded document."""
        content = await self._call("GET", f"/documents/{document_id}/certificate")
        if not content.startswith(b"%PDF-"):
            raise Nonsense("a certificate that is no PDF")
        return content

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> bytes:
        """One call; a token that is not taken any more is renewed once, as nothing was done with it."""
        for last in (False, True):
            headers = {"Authorization": f"Bearer {await self._valid_token()}"}
            body = _with_file(*file) if file else data
            status, content, wait = await self._ask(
                method, path, params=params, data=body, headers=headers
            )
            if status != _UNKNOWN_TOKEN or last:
                break
            self._token = ""
        _refuse_unless_done(status, content, wait)
        return content

    async def _valid_token(self) -> str:
        async with self._asking:
            if not self._token or now() + _EARLY >= self._token_until:
                form = {"client_id": self._client_id}
                status, content, wait = await self._ask("POST", "/token", data=form)
                _refuse_unless_done(status, content, wait)
                found = read_as(Token, content)
                self._token = found.access_token
                self._token_until = now() + timedelta(seconds=found.expires_in)
            return self._token

    async def _ask(
        self, method: str, path: str, **options: Any
    ) -> tuple[int, bytes, timedelta | None]:
        try:
            async with self._session.request(
                method,
                self._url + path,
                timeout=self._timeout,
                allow_redirects=False,
                **options,
            ) as answer:
                content = await answer.content.read(_LONGEST + 1)
                while len(content) <= _LONGEST and (more := await answer.content.readany()):
                    content += more
                return answer.status, content[:_LONGEST], _wait(answer.headers.get("Retry-After"))
        except ClientConnectorError as why:
            raise AwayNow(repr(why)) from None
        except (ClientError, OSError, TimeoutError) as why:
            raise Unclear(repr(why)) from None


def _with_file(name: str, pdf: bytes) -> FormData:
    form = FormData()
    form.add_field("name", name)
    form.add_field("uploadfile", pdf, filename=name, content_type="application/pdf")
    return form


def _wait(text: str | None) -> timedelta | None:
    return (
        timedelta(seconds=int(text))
        if text and text.isascii() and text.isdigit() and len(text) < 7
        else None
    )


def _refuse_unless_done(status: int, content: bytes, wait: timedelta | None) -> None:
    """Only what was done comes back; anything else is said by its kind."""
    words = f"{status} {content[:400].decode(errors='replace')}"
    if status in (200, 201, 204):
        return
    if status in _CLOSED or status == _UNKNOWN_TOKEN:
        raise AwayNow(words, now() + wait if wait else None)
    if 400 <= status < 500:
        raise Refused(_message(content) or words)
    raise Unclear(words) if status >= 500 else Nonsense(words)


def _message(content: bytes) -> str:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    said = found.get("message") if isinstance(found, dict) else None
    return said[:400] if isinstance(said, str) else ""
