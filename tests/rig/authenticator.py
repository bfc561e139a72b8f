"""An authenticator app that never shows a code twice: a used one, and any before it, would be refused."""

import asyncio

import pyotp

from chassis.clock import now

_last: dict[str, int] = {}
_STEP_SECONDS = 30
#: A code of the step before this one is too old when it arrives after the step's end; so long it may be on its way.
_ON_THE_WAY_SECONDS = 10


async def next_code(secret: str) -> str:
    """The first code of this secret that was not shown yet and is taken now; waits if there is none."""
    totp = pyotp.TOTP(secret)
    while True:
        at = now()
        current, left = totp.timecode(at), _STEP_SECONDS - at.timestamp() % _STEP_SECONDS
        # A clock may be wrong by a step either way, and so may ours.
        first = current - 1 if left > _ON_THE_WAY_SECONDS else current
        step = max(first, _last.get(secret, 0) + 1)
        if step <= current + 1:
            _last[secret] = step
            return totp.generate_otp(step)
        await asyncio.sleep(1)
