"""A provider's own endpoint, called over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DefaultResolver,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver

from services.benefits.model.answer import ProviderAnswer
from services.benefits.model.link import AccountAnswer
from services.benefits.outside import NotSent, Odd, ProviderLine, Unclear
from services.benefits.outside.addresses import (
    Door,
    NotPublic,
    PublicResolver,
    refuse_private_number,
)
from services.benefits.outside.wire import SIGNATURE, read, read_check, signed

_LONGEST = 64 * 1024


@asynccontextmanager
async def provider_client(
    *,
    seconds: float = 10.0,
    allowed: frozenset[Door] = frozenset(),
    names: AbstractResolver | None = None,
) -> AsyncIterator["ProviderClient"]:
    """Calls to providers, for as long as they are needed; only ``allowed`` may lie elsewhere than in public."""
    resolver = PublicResolver(names or DefaultResolver(), allowed)
    # Without a memory of names: each connection goes to an address that was looked at for it.
    connector = TCPConnector(resolver=resolver, use_dns_cache=False)
    async with ClientSession(cookie_jar=DummyCookieJar(), connector=connector) as session:
        yield ProviderClient(session, seconds=seconds, allowed=allowed)
    await resolver.close()


class ProviderClient:
    """Calls providers' endpoints and believes only what they signed."""

    def __init__(
        self,
        session: ClientSession,
        *,
        seconds: float = 10.0,
        allowed: frozenset[Door] = frozenset(),
    ) -> None:
        self._session, self._allowed = session, allowed
        self._timeout = ClientTimeout(total=seconds)

    async def check(self, line: ProviderLine, order_id: UUID, request: bytes) -> AccountAnswer:
        """Ask whether the account an order is to go to can receive, and whose it is; asking changes nothing there."""
        # Whatever comes back may repeat the name that is asked about: nothing of it is told.
        body = await self._ask("POST", line, order_id, "/account", request, telling=False)
        return read_check(body, order_id)

    async def grant(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        """Ask to grant; the order's id makes asking again the same request."""
        # A PUT would be sent again by the client itself after a lost connection; every try is to be written down.
        return read(await self._ask("POST", line, order_id, "", request), order_id, inquiry=False)

    async def inquire(self, line: ProviderLine, order_id: UUID) -> ProviderAnswer:
        """Ask what became of an order."""
        return read(await self._ask("GET", line, order_id, ""), order_id, inquiry=True)

    async def take_back(self, line: ProviderLine, order_id: UUID, request: bytes) -> ProviderAnswer:
        """Ask to take the points of an order back."""
        body = await self._ask("POST", line, order_id, "/reversal", request)
        return read(body, order_id, inquiry=False)

    async def _ask(
        self,
        method: str,
        line: ProviderLine,
        order_id: UUID,
        ending: str,
        request: bytes | None = None,
        *,
        telling: bool = True,
    ) -> bytes:
        headers = {"Idempotency-Key": str(order_id)}
        if request is not None:
            headers["Content-Type"] = "application/json"
        url = f"{line.url.rstrip('/')}/orders/{order_id}{ending}"
        try:
            refuse_private_number(url, self._allowed)
            async with self._session.request(
                method,
                url,
                data=request,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                body = await answer.content.read(_LONGEST + 1)
                while len(body) <= _LONGEST and (more := await answer.content.readany()):
                    body += more
                signature = answer.headers.get(SIGNATURE, "")
                status = answer.status
        except (ClientConnectorError, InvalidURL, NotPublic) as why:
            raise NotSent(repr(why)) from None
        except (ClientError, OSError, TimeoutError) as why:
            raise Unclear(repr(why)) from None
        words = f"{status} {body[:1000].decode(errors='replace') if telling else ''}".rstrip()
        return _believed(status, body, signature, line, words)


def _believed(status: int, body: bytes, signature: str, line: ProviderLine, words: str) -> bytes:
    """Only what the provider signed is an answer; a proxy's 403 is none."""
    if status >= 500:
        raise Unclear(words)
    if not signed(body, signature, line.public_key):
        raise Odd(f"unsigned: {words}")
    return body
