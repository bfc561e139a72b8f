"""The only place that asks what time it is; rules are told."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """This day, in Japan: a measure that ends on the 31st ends at Japan's midnight."""
    return datetime.now(JAPAN).date()


def day_of(instant: datetime) -> date:
    """The day in Japan on which ``instant`` falls."""
    return instant.astimezone(JAPAN).date()
