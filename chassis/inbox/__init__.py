"""The way in: store what arrives, acknowledge it, apply each subject's facts in the order of their revisions."""

from chassis.inbox.apply import Applier
from chassis.inbox.prepare import ready_to_hear
from chassis.inbox.store import Store
from chassis.inbox.subscriptions import BatchHandler, Handler, Subscriptions

__all__ = ["Applier", "BatchHandler", "Handler", "Store", "Subscriptions", "ready_to_hear"]
