"""An authenticator app that never shows a code twice: a used one, and any before it, would be refused."""

import asyncio

import pyotp

from chassis.clock import now

_last: dict[str, int] = {}


async def next_code(secret: str) -> str:
    """The first code of this secret that was not shown yet and is taken now; waits if there is none."""
    totp = pyotp.TOTP(secret)
    while True:
        current = totp.timecode(now())
        # A clock may be wrong by a step either way, and so may ours.
        step = max(current - 1, _last.get(secret, 0) + 1)
        if step <= current + 1:
            _last[secret] = step
            return totp.generate_otp(step)
        await asyncio.sleep(1)
