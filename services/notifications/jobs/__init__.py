"""What notifications does by itself: spread announcements, write digests, carry mails."""

from services.notifications.jobs.courier import Courier
from services.notifications.jobs.herald import Herald

__all__ = ["Courier", "Herald"]
