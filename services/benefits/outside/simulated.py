"""The provider simulator as a line: who answers for providers in the demo."""

import hashlib
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from yarl import URL

from services.benefits.outside import ProviderLine
from services.benefits.outside.addresses import Door


def simulated_key(secret: str) -> Ed25519PrivateKey:
    """The key with which the simulator signs, made of a secret it shares with those who believe it."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def simulated(url: str, secret: str) -> ProviderLine:
    """The simulator at an address."""
    key = simulated_key(secret).public_key().public_bytes_raw()
    return ProviderLine(UUID(int=0), url, key, timedelta(seconds=5))


def doors_of(url: str) -> frozenset[Door]:
    """Where the simulator may be called although that is no public address; nowhere without one."""
    parts = URL(url)
    return frozenset({(parts.host, parts.port)}) if parts.host and parts.port else frozenset()
