"""``python -m sdk.follow ADDRESS [CURSOR_FILE]``: prints every public change of the register, for ever.

A sample to begin with: put your own work where the line is printed. The cursor is kept after the work, so
a crash in between shows an entry again and never leaves one out.
"""

import asyncio
import sys
from pathlib import Path

import aiohttp

from sdk.cursor import CursorFile
from sdk.feed import Feed


async def follow(address: str, kept: CursorFile) -> None:
    """Go on where the cursor file says, after checking the register's signature."""
    async with aiohttp.ClientSession() as session:
        feed = Feed(session, address)
        signed = await feed.check(kept.read(), await feed.keys())
        _say(f"# {signed.position} entries signed at {signed.issued_at}")
        async for entry, cursor in feed.follow(kept.read()):
            name = entry.data.get("entry", {}).get("name", "")
            _say(f"{entry.position} {entry.recorded_at} {entry.type} {entry.subject} {name}")
            kept.write(cursor)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line."""
    if len(sys.argv) not in (2, 3):
        sys.exit("python -m sdk.follow ADDRESS [CURSOR_FILE]")
    path = Path(sys.argv[2] if len(sys.argv) == 3 else "registry.cursor")
    asyncio.run(follow(sys.argv[1], CursorFile(path)))


if __name__ == "__main__":
    main()
