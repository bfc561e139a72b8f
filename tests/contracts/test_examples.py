"""Every example ever released is still understood, in full, by today's classes."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import contracts
from contracts.event import Fact, facts_of

EXAMPLES = Path(contracts.__file__).parent / "examples"
FACTS: dict[str, type[Fact]] = {
    type_: fact
    for module in pkgutil.iter_modules(contracts.__path__)
    for type_, fact in facts_of(importlib.import_module(f"contracts.{module.name}")).items()
}


def _files() -> list[Path]:
    return sorted(EXAMPLES.glob("*.json"))


@pytest.mark.parametrize("type_", sorted(FACTS))
def test_every_fact_has_an_example(type_: str) -> None:
    assert (EXAMPLES / f"{type_}.json").is_file()


@pytest.mark.parametrize("file", _files(), ids=lambda file: file.stem)
def test_every_example_is_read_back_in_full(file: Path) -> None:
    """A field that is removed, renamed or read as something else is missing from what comes back."""
    written = json.loads(file.read_text(encoding="utf-8"))
    fact = FACTS[file.stem].model_validate_json(file.read_bytes())
    back = json.loads(fact.model_dump_json())
    assert _ordered({name: back.get(name) for name in written}) == _ordered(written)


def _ordered(value: Any) -> Any:
    """Sets have no order; lists of texts are compared without it."""
    if isinstance(value, dict):
        return {name: _ordered(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(inner) for inner in value), key=str)
    return value


@pytest.mark.parametrize("type_", sorted(FACTS))
def test_a_fact_is_named_after_the_file_that_declares_it(type_: str) -> None:
    service, noun, what, version = type_.split(".")
    assert FACTS[type_].__module__.split(".")[:2] == ["contracts", service]
    assert version[0] == "v" and int(version[1:]) >= 1
    assert f"{noun}_id" in FACTS[type_].model_fields
    assert what == what.lower()


@pytest.mark.parametrize("file", _files(), ids=lambda file: file.stem)
def test_readers_ignore_fields_they_do_not_know(file: Path) -> None:
    written = json.loads(file.read_text(encoding="utf-8"))
    fact = FACTS[file.stem]
    assert fact.model_validate(written | {"added_later": 1}) == fact.model_validate(written)
