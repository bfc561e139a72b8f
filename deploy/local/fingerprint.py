"""Whether a service is the one that was prepared: a hash of everything its `prepare` could depend on."""

import hashlib

from deploy.local.places import ROOT


def fingerprint(service: str) -> str:
    """Hex SHA-256 over the files of ``service`` and of what it stands on, names and contents."""
    seen = hashlib.sha256()
    for folder in (f"services/{service}", "chassis", "contracts"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".sql"}:
                seen.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
                seen.update(path.read_bytes())
    seen.update((ROOT / "requirements.lock").read_bytes())
    return seen.hexdigest()
