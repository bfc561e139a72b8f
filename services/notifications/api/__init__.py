"""What comes in over HTTP: the letter box, what one wants to hear of, and the secretariat's view."""

from services.notifications.api import announcements, box, follow, secretariat, subscriptions
from services.notifications.api.desk import DESK

__all__ = ["DESK", "routes"]

routes = [
    *box.routes,
    *secretariat.routes,
    *subscriptions.routes,
    *follow.routes,
    *announcements.routes,
]
