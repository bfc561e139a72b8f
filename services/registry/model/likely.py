"""Whether a measure may be for somebody, from a few answers; a review decides in the end."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.registry import Eligibility
from services.registry.model.search.ages import ages_of, years_between


class Verdict(StrEnum):
    """What a few answers say."""

    LIKELY = "likely"
    UNLIKELY = "unlikely"
    #: A rule was not asked about.
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody said; None where they were not asked."""

    lives_there: bool | None = None
    born_on: date | None = None
    has_notice: bool | None = None
    agrees: bool | None = None


def judged(rule: Eligibility, answers: Answers, day: date) -> tuple[Verdict, str | None]:
    """The verdict, and the rule that decided it."""
    found = [
        ("area", _said(bool(rule.areas), answers.lives_there)),
        ("birth", _born(rule, answers.born_on, day)),
        ("notice", _said(rule.target_list or rule.attendance, answers.has_notice)),
        ("statements", _said(bool(rule.statements), answers.agrees)),
    ]
    against = next((name for name, fits in found if fits is Verdict.UNLIKELY), None)
    if against:
        return Verdict.UNLIKELY, against
    open_question = next((name for name, fits in found if fits is Verdict.UNSURE), None)
    if open_question:
        return Verdict.UNSURE, open_question
    return Verdict.LIKELY, None


def _said(asked: bool, answer: bool | None) -> Verdict:
    if not asked:
        return Verdict.LIKELY
    if answer is None:
        return Verdict.UNSURE
    return Verdict.LIKELY if answer else Verdict.UNLIKELY


def _born(rule: Eligibility, born_on: date | None, day: date) -> Verdict:
    ages = ages_of(rule)
    if (ages.born_from, ages.born_until, ages.years_from, ages.years_until) == (None,) * 4:
        return Verdict.LIKELY
    if born_on is None:
        return Verdict.UNSURE
    years = years_between(born_on, day)
    fits = (
        (ages.born_from is None or born_on >= ages.born_from)
        and (ages.born_until is None or born_on <= ages.born_until)
        and (ages.years_from is None or years >= ages.years_from)
        and (ages.years_until is None or years <= ages.years_until)
    )
    return Verdict.LIKELY if fits else Verdict.UNLIKELY
