"""Signed checkpoints: the register puts its name under how far the feed goes and what it holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sdk.errors import Contradiction

_ALGORITHMS = ["Ed25519", "EdDSA"]
_KIND = "machipo+checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the feed at an instant, under the register's signature."""

    feed: str
    position: int
    chain: bytes
    issued_at: str


def verified(document: Mapping[str, Any], keys: KeySet) -> Checkpoint:
    """The checkpoint inside a signature, if one of ``keys`` made it; what stands beside the signature is ignored."""
    try:
        signed = jws.deserialize_compact(str(document["signature"]), keys, algorithms=_ALGORITHMS)
    except (JoseError, KeyError, ValueError) as why:
        raise Contradiction("the checkpoint's signature is not the register's") from why
    if signed.headers().get("typ") != _KIND:
        raise Contradiction("what was signed is no checkpoint")
    fields = json.loads(signed.payload)
    return Checkpoint(
        feed=str(fields["feed"]),
        position=int(fields["position"]),
        chain=bytes.fromhex(fields["chain"]),
        issued_at=str(fields["issued_at"]),
    )
