"""What a new stack of containers needs before anything else: keys, and the broker's users.

`python -m deploy.images.setup OUT` keeps OUT/NAME/{private,public}.json for each issuer, makes OUT/files and writes
OUT/rabbitmq/definitions.json. Each process is shown its own folder only.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from deploy.local.definitions import DEPLOYER, GATEWAY, as_bytes, definitions
from deploy.local.keys import write_keys
from deploy.local.stack import STACK, service_names

_PROCESS_USER = 10001
_BROKER_USER = 999


def main(out: Path, secret: str) -> None:
    """Leave everything in ``out``; private keys made before stay."""
    issuers = [process.name for process in STACK if process.tells_run]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for issuer in issuers:
            kept = out / issuer / "private.json"
            if kept.exists():
                shutil.copy(kept, folder / f"{issuer}.json")
        public = write_keys(folder, issuers)
        for issuer in issuers:
            _put(folder / f"{issuer}.json", out / issuer / "private.json", _PROCESS_USER, 0o400)
            _put(public, out / issuer / "public.json", _PROCESS_USER, 0o444)
        for name in ("files", "cards", "books"):
            _folder(out / name)
        users = {user: f"{secret}-{user}" for user in (*service_names(), DEPLOYER, GATEWAY)}
        told = folder / "definitions.json"
        told.write_bytes(as_bytes(definitions(service_names(), users)))
        _put(told, out / "rabbitmq" / "definitions.json", _BROKER_USER, 0o400)


def _folder(folder: Path) -> None:
    """Where content keeps files without an object store, or a simulator its cards or its books."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, _PROCESS_USER, _PROCESS_USER)


def _put(source: Path, target: Path, owner: int, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".new")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(mode)
    if os.geteuid() == 0:
        os.chown(unfinished, owner, owner)
    unfinished.rename(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ["MACHIPO_SECRET"])
