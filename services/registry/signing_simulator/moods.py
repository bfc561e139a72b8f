"""What the simulator is told to do wrong, call by call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

How = Literal[
    "closed", "fail_before", "fail_after", "drop_before", "drop_after", "hold_before", "hold_after",
    "slow", "garbage",
]  # fmt: skip


class Fault(BaseModel):
    """The next ``times`` calls of a kind go wrong."""

    method: str = ""
    #: The path ends so; empty for any.
    ending: str = ""
    how: How
    times: int = Field(default=1, ge=1)
    #: How long ``slow`` waits after it did what was asked.
    seconds: float = Field(default=2.0, ge=0, le=120)
    #: What ``garbage`` answers instead of the truth.
    answer: str = "<html>maintenance?</html>"

    def fits(self, request: web.Request) -> bool:
        """Whether it is meant for a call."""
        return request.method == (self.method or request.method) and request.path.endswith(
            self.ending
        )


class Moods:
    """The faults to come, and whether the service is closed."""

    def __init__(self) -> None:
        self.closed = False
        self.retry_after = 600
        self.faults: list[Fault] = []
        #: Calls that get no answer until they are let go, and then none either.
        self.held: list[str] = []
        self._go = asyncio.Event()

    async def hold(self, request: web.Request) -> None:
        """Keep a call waiting until it is let go."""
        self.held.append(f"{request.method} {request.path}")
        await self._go.wait()

    def let_go(self) -> None:
        """Hang up on every call that is held."""
        self._go.set()
        self._go, self.held = asyncio.Event(), []

    def take(self, request: web.Request) -> Fault | None:
        """The fault of a call, used up once."""
        found = next((f for f in self.faults if f.fits(request)), None)
        if found is not None:
            found.times -= 1
            if found.times == 0:
                self.faults.remove(found)
        return found

    def shut(self) -> web.Response:
        """The answer while it is closed."""
        headers = {"Retry-After": str(self.retry_after)}
        return web.json_response({"message": "under maintenance"}, status=503, headers=headers)


async def spoilt(
    fault: Fault | None,
    request: web.Request,
    moods: Moods,
    do: Callable[[], Awaitable[web.Response]],
) -> web.Response:
    """Do what was asked, as a fault has it."""
    if moods.closed or (fault is not None and fault.how == "closed"):
        return moods.shut()
    if fault is None:
        return await do()
    if fault.how == "hold_before":
        await moods.hold(request)
    if fault.how in ("hold_before", "drop_before"):
        _hang_up(request)
    if fault.how == "fail_before":
        return web.json_response({"message": "internal error"}, status=500)
    answer = await do()
    if fault.how == "hold_after":
        await moods.hold(request)
    if fault.how in ("hold_after", "drop_after"):
        _hang_up(request)
    if fault.how == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.how == "garbage":
        return web.Response(text=fault.answer, content_type="application/json")
    if fault.how == "fail_after":
        return web.json_response({"message": "internal error"}, status=500)
    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError
