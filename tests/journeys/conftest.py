"""Fixtures that journeys share."""

from tests.journeys.drafting import measures_on_their_way

__all__ = ["measures_on_their_way"]
