"""The HTTP layer: routes declared by type hints, one way in, one shape of answers and errors."""

from chassis.web.answer import Answer, Body, Json, Query
from chassis.web.application import ACCESS, POOL, new_app, serve
from chassis.web.ask import Ask
from chassis.web.routes import Routes

__all__ = ["ACCESS", "POOL", "Answer", "Ask", "Body", "Json", "Query", "Routes", "new_app", "serve"]
