"""What scheduling says: maintenance windows, sessions of the programme, and the one map of deadlines."""

from contracts.scheduling.maintenance import (
    MaintenanceAnnounced,
    MaintenanceCancelled,
    MaintenanceChanged,
    MaintenanceExtended,
    MaintenanceFact,
    MaintenanceFinished,
    MaintenanceStarted,
)

__all__ = [
    "MaintenanceAnnounced",
    "MaintenanceCancelled",
    "MaintenanceChanged",
    "MaintenanceExtended",
    "MaintenanceFact",
    "MaintenanceFinished",
    "MaintenanceStarted",
]
