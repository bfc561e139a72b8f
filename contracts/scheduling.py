"""What scheduling says: maintenance windows (システムメンテナンス), each one object with its notice and its effect."""

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
    ends_at: AwareDatetime
    end_is_estimate: bool = False
    impact: str = ""


class MaintenanceAnnounced(MaintenanceFact):
    """A window is planned."""

    type: ClassVar[str] = "scheduling.maintenance.announced.v1"


class MaintenanceChanged(MaintenanceFact):
    """The plan is another one; ``changed`` names the fields."""

    type: ClassVar[str] = "scheduling.maintenance.changed.v1"
    changed: tuple[str, ...]


class MaintenanceStarted(MaintenanceFact):
    """The functions rest from now on."""

    type: ClassVar[str] = "scheduling.maintenance.started.v1"


class MaintenanceExtended(MaintenanceFact):
    """It lasts longer than was said."""

    type: ClassVar[str] = "scheduling.maintenance.extended.v1"


class MaintenanceFinished(MaintenanceFact):
    """The functions are back."""

    type: ClassVar[str] = "scheduling.maintenance.finished.v1"


class MaintenanceCancelled(MaintenanceFact):
    """It does not take place."""

    type: ClassVar[str] = "scheduling.maintenance.cancelled.v1"
