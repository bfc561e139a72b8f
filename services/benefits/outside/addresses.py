"""Only the public internet is called: what a name resolves to is looked at, and that very address is connected to."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

#: A host and a port that may be called wherever they lie.
Door = tuple[str, int]


class NotPublic(OSError):
    """An address nobody but ourselves could mean."""


class NotFound(OSError):
    """A name that leads nowhere, or did not say where in time."""


def public(address: str) -> bool:
    """Whether an address is one of the public internet; also what is written inside another address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_inside(found)))


def _inside(found: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses an IPv6 address stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(found, IPv4Address):
        return []
    told = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found.packed.startswith(bytes.fromhex("0064ff9b")):
        told.append(IPv4Address(found.packed[-4:]))
    return [one for one in told if one is not None]


class PublicResolver(AbstractResolver):
    """Resolves names as another does, and refuses one of whose addresses any is not public."""

    def __init__(self, names: AbstractResolver, allowed: frozenset[Door] = frozenset()) -> None:
        self._names, self._allowed = names, allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host, each of which may be connected to."""
        found = await self._names.resolve(host, port, family)
        if (host, port) not in self._allowed:
            for one in found:
                refuse_private(one["host"])
        return found

    async def close(self) -> None:
        """Let go of what resolving needs."""
        await self._names.close()


def refuse_private(address: str) -> None:
    """Raise unless an address is public."""
    if not public(address):
        raise NotPublic(f"not an address of the public internet: {address}")


def refuse_private_number(url: str, allowed: frozenset[Door]) -> None:
    """Raise when a URL names an address by its number, which no resolver sees, and that is not public."""
    parts = URL(url)
    host = parts.host or ""
    if (host, parts.port or 0) in allowed or not _number(host):
        return
    refuse_private(host)


def _number(host: str) -> bool:
    return ":" in host or host.rstrip(".").rpartition(".")[2].isdigit()


@dataclass(slots=True)
class AddressBook:
    """Where a URL leads, looked at before anybody calls it; each call looks again for itself."""

    #: May lie elsewhere than in public.
    allowed: frozenset[Door] = frozenset()
    names: AbstractResolver | None = None
    seconds: float = 5.0

    def allows(self, url: str) -> bool:
        """Whether an operator said that this very host and port may be called, wherever they lie."""
        try:
            parts = URL(url)
            return (parts.host or "", parts.port or 0) in self.allowed
        except ValueError:
            return False

    async def look_up(self, url: str) -> None:
        """Raise ``NotPublic`` where any of its addresses is not of the public internet, ``NotFound`` where none is."""
        refuse_private_number(url, self.allowed)
        parts = URL(url)
        resolver = PublicResolver(self.names or DefaultResolver(), self.allowed)
        try:
            async with asyncio.timeout(self.seconds):
                found = await resolver.resolve(
                    parts.host or "", parts.port or 0, socket.AddressFamily.AF_UNSPEC
                )
        except NotPublic:
            raise
        except (OSError, TimeoutError) as why:
            raise NotFound(repr(why)) from None
        if not found:
            raise NotFound("no address")
