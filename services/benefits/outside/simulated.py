"""The provider simulator as a line: who answers for providers in the demo."""

from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.benefits.outside import ProviderLine


def simulated(url: str, seed: bytes) -> ProviderLine:
    """The simulator at an address, known by the key that is made of its seed."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return ProviderLine(UUID(int=0), url, key, timedelta(seconds=5))
