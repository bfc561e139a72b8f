"""Maintenance windows (システムメンテナンス), each one object with its notice and its effect."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import Fact


class MaintenanceFact(Fact):
    """A fact about one window, with the window as it is after it."""

    maintenance_id: UUID
    #: What rests: ``portal``, ``application``, ``identity``, ``cloudsign``, ``mynaportal`` or
    #: ``provider:<service code>``.
    system: str
    #: Functions that rest meanwhile, as residents know them: ``apply``, ``allocate``, ``grant``, ``sign_in``,
    #: ``contract`` …; empty: all of the system.
    functions: tuple[str, ...] = ()
    starts_at: AwareDatetime
    #: The first instant at which everything works again; once finished, when that was.
    ends_at: AwareDatetime
    #: Whether ``ends_at`` is only what one hopes: the window then lasts until it is said to be finished.
    end_is_estimate: bool = False
    impact: str = ""
    #: The windows that come back month by month carry one id; None for a single one.
    series_id: UUID | None = None


class MaintenanceAnnounced(MaintenanceFact):
    """A window is planned."""

    type: ClassVar[str] = "scheduling.maintenance.announced.v1"


class MaintenanceChanged(MaintenanceFact):
    """The plan is another one; ``changed`` names the fields, ``note`` says it in a sentence."""

    type: ClassVar[str] = "scheduling.maintenance.changed.v1"
    changed: tuple[str, ...]
    note: str = ""


class MaintenanceStarted(MaintenanceFact):
    """The functions rest; occurred at the instant that was planned, whenever it was noticed."""

    type: ClassVar[str] = "scheduling.maintenance.started.v1"


class MaintenanceExtended(MaintenanceFact):
    """It ends at another time than was said; ``note`` says why."""

    type: ClassVar[str] = "scheduling.maintenance.extended.v1"
    note: str = ""


class MaintenanceFinished(MaintenanceFact):
    """The functions are back."""

    type: ClassVar[str] = "scheduling.maintenance.finished.v1"


class MaintenanceCancelled(MaintenanceFact):
    """It does not take place; ``note`` says why."""

    type: ClassVar[str] = "scheduling.maintenance.cancelled.v1"
    note: str = ""
