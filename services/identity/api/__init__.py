"""What comes in over HTTP."""

from services.identity.api import internal, machines, me, people, public, secretariat, tokens
from services.identity.api.desk import HASHER, OFFICE

routes = [
    *public.routes,
    *tokens.routes,
    *me.routes,
    *people.routes,
    *machines.routes,
    *secretariat.routes,
    *internal.routes,
]

__all__ = ["HASHER", "OFFICE", "routes"]
