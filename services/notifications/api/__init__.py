"""What comes in over HTTP: the letter box, what one wants to hear of, and the secretariat's view."""

from services.notifications.api import (
    announcements,
    box,
    follow,
    mailings,
    own_settings,
    secretariat,
    subscriptions,
)
from services.notifications.api.desk import DESK, LETTERS_A_DAY

__all__ = ["DESK", "LETTERS_A_DAY", "routes"]

routes = [
    *box.routes,
    *secretariat.routes,
    *subscriptions.routes,
    *follow.routes,
    *announcements.routes,
    *mailings.routes,
    *own_settings.routes,
]
