"""The world: mail servers, by one mail at a time or by a line that is kept open for many."""

from services.notifications.outside.line import Line
from services.notifications.outside.mail import Mail, message_id, message_of, return_path
from services.notifications.outside.post import Post, Told

__all__ = ["Line", "Mail", "Post", "Told", "message_id", "message_of", "return_path"]
