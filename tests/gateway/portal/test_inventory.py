"""The page of pages tells what there is."""

from deploy.local.places import ROOT
from gateway.portal.inventory import inventory
from gateway.portal.pages import ALL


def test_the_page_of_pages_is_fresh() -> None:
    kept = (ROOT / "docs/pages.md").read_text(encoding="utf-8")
    assert kept == inventory(), "run python -m gateway.portal.inventory > docs/pages.md"


def test_every_page_says_what_it_is() -> None:
    assert [page.path for page in ALL if not page.show.__doc__] == []
