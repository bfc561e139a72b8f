"""What a resident may want by mail, beside the box in the portal where everything lies."""

from datetime import datetime, timedelta
from enum import StrEnum

#: How long the link that proves an address is good.
PROVE_WITHIN = timedelta(hours=24)
#: Mails that ask for a proof in a day, by one resident or to one address. More would bury somebody in mail.
ASKED_A_DAY = 3


class Topic(StrEnum):
    """What letters to residents are about."""

    #: Received, asked for more, approved or not.
    APPLICATIONS = "applications"
    #: Granted, not granted there, lapsed.
    POINTS = "points"
    #: The day by which something is to be done comes near.
    REMINDERS = "reminders"


def is_over(asked_at: datetime, at: datetime) -> bool:
    """Whether a link that proves an address is good no longer."""
    return asked_at + PROVE_WITHIN <= at
