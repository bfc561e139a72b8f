"""What to install for which purpose: cuts the one lock file by the extras of pyproject.toml."""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping

from deploy.local.places import ROOT

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def locked(extras: Iterable[str]) -> str:
    """The part of requirements.lock that the project needs with ``extras``, hashes and all."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted: list[str] = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return cut((ROOT / "requirements.lock").read_text(), {_name(line) for line in wanted})


def cut(lock: str, wanted: set[str]) -> str:
    """The blocks of ``lock`` for ``wanted`` and for everything those need, told by its notes."""
    blocks: dict[str, str] = {}
    for name, text in _blocks(lock):
        # A package may be locked in two versions, for two versions of Python.
        blocks[name] = blocks.get(name, "") + text
    needs = _needs(blocks)
    kept: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name not in kept:
            kept.add(name)
            left += needs.get(name, ())
    return "".join(text for name, text in blocks.items() if name in kept)


def dealt(lock: str, shares: int) -> list[str]:
    """The blocks of ``lock`` in so many shares of about as many packages each; none of them is empty."""
    packages: dict[str, str] = {}
    for name, text in _blocks(lock):
        packages[name] = packages.get(name, "") + text
    texts = list(packages.values())
    return ["".join(texts[n::shares]) for n in range(min(shares, len(texts)))]


def _blocks(lock: str) -> Iterable[tuple[str, str]]:
    for text in re.split(r"(?m)^(?=[A-Za-z0-9])", lock):
        if text.strip() and not text.startswith("#"):
            yield _name(text), text


def _needs(blocks: Mapping[str, str]) -> dict[str, list[str]]:
    """Who needs whom; the lock notes it the other way round, as `# via`."""
    needs: dict[str, list[str]] = {}
    for name, text in blocks.items():
        for line in re.findall(r"(?m)^    #(.*)$", text):
            word = line.strip().removeprefix("via").strip()
            if word and "pyproject.toml" not in word:
                needs.setdefault(_name(word), []).append(name)
    return needs


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    if found is None:
        raise ValueError(f"not a requirement: {requirement[:60]!r}")
    return re.sub(r"[-_.]+", "-", found[1]).lower()


if __name__ == "__main__":
    # The image builds ask: `python -m deploy.local.requirements [EXTRA…]`.
    sys.stdout.write(locked(sys.argv[1:]))
