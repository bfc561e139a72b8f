"""A reader of cards for a machine of one's own: the simulator's invented persons, or none.

A real card is read by the person's own reader or telephone, and what it signed comes in by the page; then nothing is
set here.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from chassis.refusal import Invalid, NotFound, Unavailable

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CardReader:
    """The simulator of cards, if one is set."""

    url: str | None
    seconds: float = 5.0

    async def cards(self) -> list[dict[str, Any]]:
        """The invented persons whose cards lie there; none without a simulator."""
        if self.url is None:
            return []
        found: list[dict[str, Any]] = await self._call("GET", "/cards", None)
        return found

    async def read(self, card: str, pin: str, use: str, text: str) -> tuple[str, str]:
        """What the card answers to ``text`` under its certificate for ``use``: certificate and signature."""
        if self.url is None:
            raise NotFound("no-card-simulator", "ここでは見本のカードは使えません。")
        body = {"use": use, "pin": pin, "text": text}
        said = await self._call("POST", f"/cards/{UUID(card)}/signatures", body)
        return str(said["certificate"]), str(said["signature"])

    async def _call(self, method: str, path: str, body: Any) -> Any:
        timeout = ClientTimeout(total=self.seconds)
        try:
            async with (
                ClientSession(timeout=timeout) as session,
                session.request(method, f"{self.url}{path}", json=body) as answer,
            ):
                said = orjson.loads(await answer.read())
        except (ClientError, OSError, TimeoutError, orjson.JSONDecodeError) as why:
            _log.warning("the simulator of cards does not answer", why=repr(why))
            raise Unavailable(
                "card-reader-away",
                "カードを読み取れません。少し待ってから、もう一度お試しください。",
            ) from None
        if answer.status != 200:
            raise Invalid(str(said["code"]), str(said["detail"]))
        return said
