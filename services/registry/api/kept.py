"""What ``__main__`` assembled and handlers use."""

from aiohttp import web

from chassis.feeds import Watch
from chassis.web import Answer
from services.registry.api.flights import Flights
from services.registry.api.streams import Streams
from services.registry.commands.finding import Finder
from services.registry.model.checking import Guidelines

FINDER = web.AppKey("finder", Finder)
#: Where the portal is, for addresses in what is read elsewhere.
PUBLIC_URL = web.AppKey("public_url", str)
GUIDELINES = web.AppKey("guidelines", Guidelines)
WATCH = web.AppKey("watch", Watch)
STREAMS = web.AppKey("streams", Streams)
FLIGHTS = web.AppKey("flights", Flights[Answer])
