"""The passwords of one checkout's servers, made once and readable by their owner alone."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.local.definitions import DEPLOYER, GATEWAY


def keep_passwords(path: Path, services: Iterable[str]) -> dict[str, str]:
    """A password for each role and each broker user; those made before stay."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    services = list(services)
    names = ["portal", *(f"{service}_{role}" for service in services for role in ("owner", "app"))]
    names += [f"broker-{user}" for user in (*services, DEPLOYER, GATEWAY)]
    # What hides the numbers of residents' cards.
    names += ["card-secret", "simulator-secret"]
    missing = [name for name in names if name not in kept]
    if missing:
        kept |= {name: secrets.token_urlsafe(24) for name in missing}
        unfinished = path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            json.dump(kept, file, indent=2)
        unfinished.rename(path)
    return kept
