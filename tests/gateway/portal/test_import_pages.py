"""Pages of files: every state of an import in words, and nothing to press that would be refused."""

from typing import Any

import pytest

from gateway.portal.pages.own_measures.imports import HEADINGS, said_of, title_of
from gateway.portal.words import IMPORT
from services.registry.model.imports.measures import MEASURE_COLUMNS
from services.registry.model.imports.progress import ImportState


def found(state: str, **more: Any) -> dict[str, Any]:
    """An import as the registry tells it."""
    return {
        "kind": "targets",
        "state": state,
        "rows_read": 42_300,
        "rows_expected": 100_000,
        "rows_faulty": 0,
        "ends_about": None,
        **more,
    }


def test_every_state_of_an_import_has_its_word_and_its_heading() -> None:
    assert set(IMPORT) == {str(state) for state in ImportState}
    headings = {title_of(found(state)) for state in IMPORT}
    assert len(headings) == len(IMPORT) - 1  # waiting and reading are one to people


def test_how_far_it_has_come_is_said_with_the_end_it_comes_to() -> None:
    assert said_of(found("uploaded")) == "順番を待っています。"
    assert said_of(found("checking", rows_read=0)) == "読み始めています。"
    said = said_of(found("checking", ends_about="2023-11-30T01:05:00Z"))
    assert said == (
        "100,000行のうち 42,300行を読みました。終わりの見込みは 2023年11月30日（木）10:05 ごろです。"
    )


@pytest.mark.parametrize(
    ("faulty", "heading"), [(3, "直すところがあります"), (0, "このファイルは取り込めません")]
)
def test_rows_to_mend_and_a_file_that_cannot_be_taken_are_told_apart(
    faulty: int, heading: str
) -> None:
    assert title_of(found("refused", rows_faulty=faulty)) == heading


def test_the_page_names_the_columns_a_file_of_measures_may_have() -> None:
    assert list(HEADINGS) == [column.heading for column in MEASURE_COLUMNS]
