"""Webhooks: what the simulator tells, without a signature, to whoever asked to be told."""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from services.registry.signing_simulator.shelf import Document

_TIMEOUT = ClientTimeout(total=5)


class Errands:
    """Tells one address what happened, once, and does not wait for the answer."""

    def __init__(self, url: str = "") -> None:
        self._url = url
        self._under_way: set[asyncio.Task[None]] = set()

    def tell(self, document: Document, word: str) -> None:
        """Send a webhook about a document."""
        signer = document.turn()
        self.send(
            {
                "documentID": document.id,
                "status": document.status,
                "userID": "simulator",
                "email": signer.email if signer else "",
                "text": f"{word}: {document.title}",
            }
        )

    def send(self, body: dict[str, Any]) -> None:
        """Send any webhook, true or not."""
        if self._url:
            task = asyncio.create_task(self._carry(body))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _carry(self, body: dict[str, Any]) -> None:
        headers = {"User-Agent": "CloudSignWebHook"}
        with suppress(ClientError, OSError, TimeoutError):
            async with (
                ClientSession(timeout=_TIMEOUT) as session,
                session.post(self._url, json=body, headers=headers),
            ):
                pass
