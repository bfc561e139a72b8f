"""Documents lead somewhere: links exist, decisions are listed, commands they name are there."""

import re
from pathlib import Path

import pytest

from deploy.local.places import ROOT

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
_MODULE = re.compile(r"python -m ((?:services|deploy|gateway)(?:\.[a-z_]+)+)")


def broken_links(page: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = _LINK.findall(page.read_text("utf-8"))
    return [link for link in found if not (page.parent / link).exists()]


def missing_modules(text: str) -> list[str]:
    """Modules a text tells to run that are not there."""
    places = ((name, ROOT / name.replace(".", "/")) for name in _MODULE.findall(text))
    return [
        name
        for name, place in places
        if not (place.with_suffix(".py").is_file() or (place / "__main__.py").is_file())
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []
    assert missing_modules(page.read_text("utf-8")) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "planted.md"
    page.write_text("[there](planted.md) [gone](nowhere.md#part) [outside](https://portal.example)")
    assert broken_links(page) == ["nowhere.md"]
    assert missing_modules("`python -m services.nobody`") == ["services.nobody"]


def test_every_decision_is_listed_once() -> None:
    folder = ROOT / "docs/decisions"
    records = sorted(file.name for file in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\[[0-9]{4}\]\(([^)]+)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == records
    numbers = [int(name[:4]) for name in records]
    assert numbers == list(range(1, len(records) + 1))
