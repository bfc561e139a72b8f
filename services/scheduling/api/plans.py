"""Maintenance windows as they are typed."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.web import Body
from services.scheduling.model.maintenance import Plan

Instant = Annotated[AwareDatetime, Field(strict=False)]
Code = Annotated[str, StringConstraints(max_length=60)]
Note = Annotated[str, StringConstraints(max_length=1000)]


class PlanBody(Body):
    """What rests, from when to when."""

    system: Code
    functions: Annotated[tuple[Code, ...], Field(max_length=20, strict=False)] = ()
    starts_at: Instant
    ends_at: Instant
    end_is_estimate: bool = False
    impact: Annotated[str, StringConstraints(max_length=4000)]
    #: Deadlines that fall within it were seen and are accepted; without it they refuse the window.
    deadlines_accepted: bool = False

    def plan(self) -> Plan:
        """The plan that was typed."""
        return Plan(**{name: getattr(self, name) for name in _PLAN})


class SeriesBody(PlanBody):
    """A plan that comes back: an iCalendar rule with an end."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    zone: Code = "Asia/Tokyo"


class ChangeBody(PlanBody):
    """The whole plan as it is to be, and what changed in a sentence."""

    note: Note = ""


class ExtendBody(Body):
    """Until when it lasts now, and why."""

    ends_at: Instant
    end_is_estimate: bool = False
    note: Note = ""


class NoteBody(Body):
    """Why."""

    note: Note = ""


_PLAN = ("system", "functions", "starts_at", "ends_at", "end_is_estimate", "impact")
