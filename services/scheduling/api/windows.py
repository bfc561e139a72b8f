"""Maintenance windows as people read them."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.paging import Page
from services.scheduling.model.maintenance import State, Window


class WindowView(BaseModel):
    """A maintenance window as it stands."""

    id: UUID
    series_id: UUID | None
    system: str
    #: Empty: all of the system.
    functions: list[str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    end_is_estimate: bool
    impact: str
    state: State
    state_since: AwareDatetime
    announced_at: AwareDatetime
    #: Goes up by one with each edition; named in ``If-Match``.
    version: int

    @classmethod
    def of(cls, window: Window) -> "WindowView":
        """The view of a window."""
        return cls(**shown(window))


class Edition(BaseModel):
    """What was said about a window at a time; the last edition is the one that counts."""

    version: int
    #: ``announced``, ``changed``, ``started``, ``extended``, ``finished`` or ``cancelled``.
    act: str
    at: AwareDatetime
    note: str
    changed: list[str]
    functions: list[str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    end_is_estimate: bool
    impact: str


class WindowDetail(WindowView):
    """A window with all its editions, the first one first."""

    editions: list[Edition]


class WindowPage(Page[WindowView]):
    """A page of windows."""


class WindowList(BaseModel):
    """The windows that were announced in one act."""

    items: list[WindowView]


def shown(window: Window) -> dict[str, Any]:
    """The fields of a window by name."""
    plan = window.plan
    return {
        "id": window.id,
        "series_id": window.series_id,
        "system": plan.system,
        "functions": list(plan.functions),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "end_is_estimate": plan.end_is_estimate,
        "impact": plan.impact,
        "state": window.state,
        "state_since": window.state_since,
        "announced_at": window.announced_at,
        "version": window.revision,
    }
