"""An authenticator app that never shows a code twice: a used one, and any before it, would be refused."""

import asyncio

import pyotp

from chassis.clock import now

_last: dict[str, int] = {}
_STEP_SECONDS = 30
#: A code of the step before this one is too old when it arrives after the step's end.
_ON_THE_WAY_SECONDS = 3


async def next_code(secret: str) -> str:
    """The first code of this secret that was not shown yet and is taken now; waits if there is none."""
    totp = pyotp.TOTP(secret)
    while True:
        await in_mid_step()
        current = totp.timecode(now())
        # A clock may be wrong by a step either way, and so may ours.
        step = max(current - 1, _last.get(secret, 0) + 1)
        if step <= current + 1:
            _last[secret] = step
            return totp.generate_otp(step)
        await asyncio.sleep(1)


async def in_mid_step() -> None:
    """Return when the step that is now lasts long enough for a code to arrive within it."""
    left = _STEP_SECONDS - now().timestamp() % _STEP_SECONDS
    if left < _ON_THE_WAY_SECONDS:
        await asyncio.sleep(left + 0.01)
