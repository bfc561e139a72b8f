"""What a provider system installs: follows the public register's change feed and trusts nothing it can check.

Needs ``aiohttp`` and ``joserfc``; imports nothing else of this repository, so the folder can be taken as it is.
"""

from sdk.chain import NOTHING, Entry, link
from sdk.checkpoint import Checkpoint, verified
from sdk.cursor import Cursor, CursorFile
from sdk.errors import Contradiction, FeedError
from sdk.feed import Feed
from sdk.snapshot import folded

__all__ = [
    "NOTHING",
    "Checkpoint",
    "Contradiction",
    "Cursor",
    "CursorFile",
    "Entry",
    "Feed",
    "FeedError",
    "folded",
    "link",
    "verified",
]
