"""What the routes share: the prefix, and what ``__main__`` assembled."""

from uuid import UUID

from aiohttp import web

from chassis.refusal import Forbidden
from chassis.web import Ask
from services.identity.commands.office import Office
from services.identity.hashing import Hasher
from services.identity.outside.card_reader import CardReader

PREFIX = "/api/v1/identity"
TAG = "identity"

OFFICE = web.AppKey("office", Office)
HASHER = web.AppKey("hasher", Hasher)
CARD_READER = web.AppKey("card_reader", CardReader)


def office(ask: Ask) -> Office:
    """What commands are handed."""
    return ask.app[OFFICE]


def hasher(ask: Ask) -> Hasher:
    """The hashing threads."""
    return ask.app[HASHER]


def member_id(ask: Ask) -> UUID:
    """The person who asks; machines have no account of their own to look after."""
    if ask.principal.kind != "member":
        raise Forbidden("members-only", "この操作は、ログインした方だけができます。")
    return UUID(ask.principal.subject)


def session_id(ask: Ask) -> UUID:
    """The session in which the person asks."""
    found = ask.principal.session_id
    if found is None:
        raise Forbidden("members-only", "この操作は、ログインした方だけができます。")
    return found


def resident_id(ask: Ask) -> UUID:
    """The resident who asks."""
    return UUID(ask.principal.subject)
