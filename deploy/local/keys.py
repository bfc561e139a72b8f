"""Keys for a stack on one machine; run by the virtual environment's Python, not by the launcher's.

`python -m deploy.local.keys FOLDER NAME…` leaves FOLDER/NAME.json (private) for each name that has
none yet, and FOLDER/public.json with everybody's public keys.
"""

import json
import os
import sys
from pathlib import Path
from typing import Literal

from joserfc.jwk import OKPKey

_CURVES: dict[Literal["Ed25519", "X25519"], str] = {"Ed25519": "sig", "X25519": "enc"}


def write_keys(folder: Path, names: list[str]) -> Path:
    """Keep or make the private keys of ``names``; answer the file with the public ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = []
    for name in names:
        path = folder / f"{name}.json"
        if not path.exists():
            _write_private(path, name)
        for key in json.loads(path.read_text())["keys"]:
            public.append({field: value for field, value in key.items() if field != "d"})
    everybody = folder / "public.json"
    everybody.write_text(json.dumps({"keys": public}, indent=2))
    return everybody


def _write_private(path: Path, name: str) -> None:
    keys = [
        OKPKey.generate_key(curve, {"kid": name, "use": use}).as_dict(private=True)
        for curve, use in _CURVES.items()
    ]
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        json.dump({"keys": keys}, file, indent=2)
    unfinished.rename(path)


if __name__ == "__main__":
    write_keys(Path(sys.argv[1]), sys.argv[2:])
