"""The only place that asks what time it is; rules are told."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """The instant it is, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in Japan: a measure that ends on the 31st ends at Japan's midnight."""
    return datetime.now(JAPAN).date()


def seconds() -> float:
    """Seconds since 1970, as tokens count them."""
    return time.time()


def day_of(instant: datetime) -> date:
    """The day in Japan on which ``instant`` falls."""
    return instant.astimezone(JAPAN).date()


def is_reckonable(instant: datetime) -> bool:
    """Whether there can be reckoned with an instant: not with one at the ends of the calendar."""
    return 1900 <= instant.year < 3000
