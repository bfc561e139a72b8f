"""What may be done next with a registration, and when its result is promised."""

from datetime import date, timedelta

import jpholiday

from contracts.values import OrganisationKind
from services.registry.model.organisation import EDITABLE, Organisation, State

#: Working days within which the secretariat promises a result.
PROMISED_DAYS = 5


def is_working_day(day: date) -> bool:
    """Whether the secretariat works: not on weekends, holidays, and from 29 December to 3 January."""
    new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not new_year and not jpholiday.is_holiday(day)


def result_due(submitted_on: date) -> date:
    """The last of the promised working days after a submission."""
    day, left = submitted_on, PROMISED_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def next_acts(organisation: Organisation) -> list[str]:
    """What the organisation may do now."""
    acts: list[str] = []
    if organisation.state in EDITABLE:
        acts.append("save")
    if organisation.state in (State.DRAFT, State.RETURNED):
        acts.append("submit")
    if organisation.state in (State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED):
        acts.append("withdraw")
    if organisation.state is State.REGISTERED:
        acts.append("request_change")
        if organisation.kind is OrganisationKind.PROVIDER:
            acts.append("declare_participation")
    return acts
