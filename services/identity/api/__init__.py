"""What comes in over HTTP."""

from services.identity.api import (
    cards,
    family,
    internal,
    machines,
    me,
    own_sessions,
    people,
    public,
    secretariat,
    tokens,
)
from services.identity.api.desk import CARD_READER, HASHER, OFFICE

routes = [
    *public.routes,
    *tokens.routes,
    *me.routes,
    *people.routes,
    *machines.routes,
    *cards.routes,
    *family.routes,
    *own_sessions.routes,
    *secretariat.routes,
    *internal.routes,
]

__all__ = ["CARD_READER", "HASHER", "OFFICE", "routes"]
