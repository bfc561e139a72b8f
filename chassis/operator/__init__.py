"""What operators do about facts that were parked, held or are tried again; every act leaves an audit row."""

from chassis.operator.acts import edit_and_replay, listed, replay, replay_all, shown, skip
from chassis.operator.api import operator_routes
from chassis.operator.command import command

__all__ = [
    "command",
    "edit_and_replay",
    "listed",
    "operator_routes",
    "replay",
    "replay_all",
    "shown",
    "skip",
]
