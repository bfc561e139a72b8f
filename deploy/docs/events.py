"""Writes ``docs/events.md``: every fact, who says it, what it carries, who acts on it.

Read from the source of ``contracts/`` and of whoever imports a fact, without running any of it:
``python -m deploy.docs.events``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/events.md"
#: Fields every fact has; they are told once.
_SHARED = ("revision", "occurred_at")

_HEAD = """\
# Facts

Written by `python -m deploy.docs.events` from `contracts/` and the subscriptions of each service; a test
keeps it fresh. Change the contracts, not this page.

Every fact has a `revision` (1, 2, 3 … without gaps for its subject) and an `occurred_at`. A service hears
every fact of a kind it listens to; *acts on* names those that do something about it. The gateway drops what
it has kept of public answers. An example of each fact lies in `contracts/examples/`.
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, as its contract declares it."""

    name: str
    type: str
    says: str
    carries: tuple[str, ...]
    feeds: tuple[str, ...]

    @property
    def kind(self) -> str:
        """``registry.organisation`` of ``registry.organisation.registered.v1``."""
        return ".".join(self.type.split(".")[:2])


@dataclass(slots=True)
class Contract:
    """What one service says."""

    service: str
    facts: list[Fact] = field(default_factory=list)
    listeners: dict[str, set[str]] = field(default_factory=dict)


def contracts(root: Path = ROOT) -> list[Contract]:
    """Every speaking service, with its facts in the order they are declared."""
    folder = root / "contracts"
    places = sorted([*folder.glob("[!_]*.py"), *folder.glob("*/__init__.py")])
    read = [_contract(place) for place in places]
    found = [contract for contract in read if contract.facts]
    for listener, source in _listening(root):
        for service, name in _imported_facts(ast.parse(source.read_text("utf-8"))):
            for contract in found:
                if contract.service == service:
                    contract.listeners.setdefault(name, set()).add(listener)
    return found


def page(root: Path = ROOT) -> str:
    """The whole page."""
    return _HEAD + "".join(_section(contract) for contract in contracts(root))


def _contract(place: Path) -> Contract:
    """What is declared in a file, or in all the files of a package."""
    whole = place.name == "__init__.py"
    contract = Contract(place.parent.name if whole else place.stem)
    files = sorted(place.parent.glob("*.py")) if whole else [place]
    body = [node for file in files for node in ast.parse(file.read_text("utf-8")).body]
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    for name, node in classes.items():
        type_ = _constant(node, "type")
        if isinstance(type_, str):
            carries = tuple(f for f in _fields(node, classes) if f not in _SHARED)
            says = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
            contract.facts.append(Fact(name, type_, says, carries, _feeds(node, classes)))
    return contract


def _bases(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            yield classes[base.id]


def _fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[str]:
    inherited = [f for base in _bases(node, classes) for f in _fields(base, classes)]
    own = [
        s.target.id
        for s in node.body
        if isinstance(s, ast.AnnAssign)
        and isinstance(s.target, ast.Name)
        and "ClassVar" not in ast.unparse(s.annotation)
    ]
    return inherited + own


def _constant(node: ast.ClassDef, name: str) -> object:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name:
            return ast.literal_eval(statement.value) if statement.value else None
    return None


def _feeds(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> tuple[str, ...]:
    own = _constant(node, "feeds")
    if isinstance(own, tuple):
        return own
    return next((f for base in _bases(node, classes) if (f := _feeds(base, classes))), ())


def _listening(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in sorted((root / "services").iterdir()):
        for file in [folder / "subscriptions.py", *sorted(folder.glob("subscriptions/**/*.py"))]:
            if file.is_file():
                yield folder.name, file


def _imported_facts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contracts."):
            for alias in node.names:
                yield (node.module or "").split(".")[1], alias.name


def _section(contract: Contract) -> str:
    said = [f"\n## {contract.service}\n"]
    for kind in dict.fromkeys(fact.kind for fact in contract.facts):
        facts = [fact for fact in contract.facts if fact.kind == kind]
        hearing = sorted({who for f in facts for who in contract.listeners.get(f.name, ())})
        said.append(f"\n### {kind}\n\nHeard by: {', '.join(hearing) or 'nobody yet'}.\n\n")
        said.append("| fact | says | carries | feeds | acts on it |\n|---|---|---|---|---|\n")
        said.extend(_row(fact, contract.listeners.get(fact.name, set())) for fact in facts)
    return "".join(said)


def _row(fact: Fact, acting: set[str]) -> str:
    carries = ", ".join(f"`{name}`" for name in fact.carries)
    feeds = ", ".join(f"`{name}`" for name in fact.feeds) or "–"
    return f"| `{fact.type}` | {fact.says} | {carries} | {feeds} | {_names(acting)} |\n"


def _names(who: set[str]) -> str:
    return ", ".join(sorted(who)) or "–"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
