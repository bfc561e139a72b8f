"""Fiscal years, and what is counted in them."""

from datetime import date

from contracts.values import OrganisationKind


def next_reference(last: int, *, kind: OrganisationKind, today: date) -> str:
    """The reference number after ``last`` of the fiscal year: R8-M-0113."""
    letter = "M" if kind is OrganisationKind.MUNICIPALITY else "P"
    return f"R{fiscal_year(today) - 2018}-{letter}-{last + 1:04}"


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year a day belongs to, by its first calendar year."""
    return day.year if day.month >= 4 else day.year - 1
