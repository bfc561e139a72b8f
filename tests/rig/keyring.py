"""Keys of every service, made once a run."""

from pathlib import Path

from chassis.access import Keys
from deploy.local.keys import write_keys

NAMES = ("identity", "registry", "content", "scheduling", "notifications", "benefits", "gateway")


class KeyRing:
    """Keys by the name of their service: ``keys("registry").sign(principal)``."""

    def __init__(self, folder: Path, names: tuple[str, ...] = (*NAMES, "chassis")) -> None:
        self.folder = folder
        self.keys_file = write_keys(folder, list(names))

    def key_file(self, name: str) -> Path:
        """The file with the private keys of ``name``."""
        return self.folder / f"{name}.json"

    def __call__(self, name: str) -> Keys:
        """The keys as service ``name`` holds them."""
        return Keys(name, self.key_file(name), self.keys_file)
