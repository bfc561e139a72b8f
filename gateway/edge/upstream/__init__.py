"""The way to the services: keep-alive connections of our own to every copy, each request with a deadline.

A request is one block of bytes (a large body follows it in pieces), its answer one call of ``hear``. No redirect is
followed and nothing is asked twice, except a read whose kept connection turned out to be closed before the first byte
came back.
"""

from gateway.edge.upstream.feed import Feed
from gateway.edge.upstream.line import Hear
from gateway.edge.upstream.service import Service, sweeping
from gateway.edge.upstream.stream import Stream, open_stream

__all__ = ["Feed", "Hear", "Service", "Stream", "open_stream", "sweeping"]
