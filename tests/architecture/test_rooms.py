"""The rooms of the house: each rule holds for every source, and catches the example planted here."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import registry
from deploy.docs.events import PAGE, contracts, page
from deploy.local.places import ROOT
from tests.architecture import rules

FOLDERS = ("contracts", "chassis", "gateway", "services", "deploy")
SOURCES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
SERVICES = sorted(
    folder.name for folder in (ROOT / "services").iterdir() if (folder / "__init__.py").is_file()
)
FACTS = {contract.service: {fact.name for fact in contract.facts} for contract in contracts()}
#: Words the glossary shares with the ground. Tokens name an organisation, its roles, a session and an audience; HTTP
#: has applications, clients, documents, If-Match and references; a broker makes deliveries and attempts; a
#: process measures itself; a hash is a digest.
GROUND = frozenset(
    {"organisation", "role", "session", "member", "client", "application", "document", "match"}
    | {
        "reference",
        "link",
        "return",
        "delivery",
        "attempt",
        "contract",
        "feed",
        "measure",
        "deadline",
    }
    | {"digest", "audience"}
)
#: Where SQL stands beside ``store``: what fills a file once, and the catcher, which is no part of the service.
SQL_ELSEWHERE = (
    "services/registry/data/generate.py",
    "services/notifications/catcher/shelf.py",
)


def glossary() -> frozenset[str]:
    """The nouns in the code column of the glossary, without those of its section about the ground."""
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("## Ground")[0]
    rows = [
        row.split("|")[2]
        for row in page.splitlines()
        if row.startswith("| ") and row.count("|") == 4
    ]
    return frozenset(noun for row in rows for noun in re.findall(r"`([a-z_]+)`", row))


def below(folder: str) -> Iterator[Path]:
    return (file for file in SOURCES if file.is_relative_to(ROOT / folder))


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


# ------------------------------------------------------------------ who says what


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_only_its_own_facts(service: str) -> None:
    found = {
        named(file): wrong
        for file in below(f"services/{service}")
        if (wrong := rules.foreign_facts(service, file.read_text("utf-8"), FACTS))
    }
    assert found == {}


def test_a_foreign_fact_is_seen() -> None:
    planted = (
        "from contracts.registry import OrganisationRegistered as R\npublish(conn, R(revision=1))"
    )
    assert rules.foreign_facts("identity", planted, FACTS) == ["R of registry"]
    assert rules.foreign_facts("registry", planted, FACTS) == []


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.service)
def test_a_fact_is_named_after_the_file_that_declares_it(contract: object) -> None:
    for fact in contract.facts:  # type: ignore[attr-defined]
        service, noun, what, version = fact.type.split(".")
        assert service == contract.service  # type: ignore[attr-defined]
        assert re.fullmatch(r"[a-z_]+ [a-z_]+ v[1-9][0-9]*", f"{noun} {what} {version}")


# ------------------------------------------------------------------ the chassis knows no passenger


def test_the_glossary_is_read() -> None:
    assert {"municipality", "provider", "measure", "registration", "letter"} <= glossary()


def test_the_chassis_has_no_word_of_the_domain() -> None:
    nouns = glossary() - GROUND
    found = {
        named(file): words
        for file in below("chassis")
        if (words := rules.nouns_in(file.read_text("utf-8"), nouns))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "def of_municipality(): ...",
        "participations = []",
        "class PaymentService: ...",
        "x.provider",
    ],
)
def test_a_word_of_the_domain_is_seen(planted: str) -> None:
    assert rules.nouns_in(planted, glossary() - GROUND)


# ------------------------------------------------------------------ what providers read


def test_nothing_the_registry_says_is_about_a_person() -> None:
    files = sorted((ROOT / "contracts/registry").glob("*.py"))
    assert files
    found = {f.name: rules.personal_fields(f.read_text("utf-8")) for f in files}
    # Who handed a file in is told to our own letters alone, as an id: an import stands in no feed.
    assert found.pop("imports.py") == ["member_id"]
    assert not any(fact.feeds for fact in (registry.ImportRead, registry.ImportEnded))
    assert found == {name: [] for name in found}


@pytest.mark.parametrize(
    "field",
    ["contact_email", "phone", "birth_date", "contact", "representative", "address", "member_id"],
)
def test_a_field_about_a_person_is_seen(field: str) -> None:
    assert rules.personal_fields(f"class Planted(Fact):\n    {field}: str\n") == [field]


# ------------------------------------------------------------------ sizes and names


def test_functions_are_short() -> None:
    found = {
        named(f): long for f in SOURCES if (long := rules.long_functions(f.read_text("utf-8")))
    }
    assert found == {}


def test_a_long_function_is_seen_and_its_text_is_not_counted() -> None:
    long = "def act():\n" + "    x = 1\n" * (rules.LONGEST_FUNCTION + 1)
    assert rules.long_functions(long) == ["act (26 lines)"]
    told = 'def act():\n    """' + "text\n" * 40 + '    """\n' + "    # why\n" * 40 + "    x = 1\n"
    assert rules.long_functions(told) == []
    table = "def act():\n    return Row(\n" + "        a=1,\n" * 40 + "    )\n"
    assert rules.long_functions(table) == []


def test_files_are_short() -> None:
    assert [named(f) for f in SOURCES if rules.is_long_file(f.read_text("utf-8"))] == []


def test_a_long_file_is_seen() -> None:
    assert rules.is_long_file("\n" * (rules.LONGEST_FILE + 1))
    assert not rules.is_long_file("\n" * rules.LONGEST_FILE)


def test_names_say_something() -> None:
    found = {
        named(file): names
        for file in SOURCES
        if (names := rules.banned_names(file.stem, file.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [("utils", ""), ("store", "class LetterManager: ..."), ("jobs", "def process_letters(): ...")],
)
def test_a_name_that_says_nothing_is_seen(module: str, source: str) -> None:
    assert rules.banned_names(module, source)


# ------------------------------------------------------------------ SQL has its room


def test_only_the_store_speaks_sql() -> None:
    found = {
        named(file): statements
        for file in below("services")
        if "store" not in (file.stem, *file.parts) and named(file) not in SQL_ELSEWHERE
        if (statements := rules.sql_in(file.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted", ["SELECT a FROM b", "INSERT INTO b", "UPDATE b SET a = 1", "DELETE FROM b"]
)
def test_a_statement_outside_the_store_is_seen(planted: str) -> None:
    assert rules.sql_in(f'await conn.fetch("""{planted}""")')


# ------------------------------------------------------------------ the page of facts


def test_the_page_of_facts_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m deploy.docs.events"


def test_the_page_of_facts_knows_every_contract(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "services/content").mkdir(parents=True)
    (tmp_path / "contracts/planted.py").write_text(
        "class Base(Fact):\n    thing_id: UUID\n\n"
        'class Made(Base):\n    """It was made."""\n    type: ClassVar[str] = "planted.thing.made.v1"\n'
    )
    (tmp_path / "services/content/subscriptions.py").write_text(
        "from contracts.planted import Made"
    )
    row = "| `planted.thing.made.v1` | It was made. | `thing_id` | – | content |"
    assert row in page(tmp_path)
