"""Figures as drawings: geometry in attributes, looks in classes, words beside them."""

from collections.abc import Sequence

WIDE, HIGH = 120, 28


def sparkline(totals: Sequence[int]) -> str:
    """The points of a small line from the first figure to the last; from zero, so that growth is honest."""
    if len(totals) < 2:
        return ""
    top = max(*totals, 1)
    step = (WIDE - 6) / (len(totals) - 1)
    return " ".join(
        f"{3 + n * step:.1f},{HIGH - 3 - (HIGH - 6) * total / top:.1f}"
        for n, total in enumerate(totals)
    )
