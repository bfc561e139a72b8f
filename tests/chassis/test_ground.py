"""Migrations, ids, cursors and the clock."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import day_of
from chassis.database import migrate
from chassis.ids import new_id
from chassis.paging import after_of, cursor_of
from chassis.refusal import Malformed
from deploy.local.postgres import PostgreSQL
from tests.rig.postgres import Databases


@pytest.fixture
async def empty_database(postgres: PostgreSQL, server_databases: Databases) -> AsyncIterator[str]:
    """The owner's address of a database with nothing in it."""
    name = f"empty_{secrets.token_hex(4)}"
    await (await server_databases.admin()).execute(f"CREATE DATABASE {name}")
    url = postgres.url(name, "portal")
    yield url
    await server_databases.drop(url)


async def test_a_migration_runs_once_and_may_not_change_afterwards(
    empty_database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "shop" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_first.sql").write_text("CREATE TABLE a (x int);")
    assert await migrate(empty_database, [folder]) == ["0001_first.sql"]
    assert await migrate(empty_database, [folder]) == []
    (folder / "0001_first.sql").write_text("CREATE TABLE b (x int);")
    with pytest.raises(RuntimeError, match="was changed"):
        await migrate(empty_database, [folder])


async def test_a_migration_that_fails_leaves_nothing(empty_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_half.sql").write_text("CREATE TABLE a (x int); SELECT nonsense;")
    with pytest.raises(Exception, match="nonsense"):
        await migrate(empty_database, [folder])
    (folder / "0001_half.sql").write_text("CREATE TABLE a (x int);")
    assert await migrate(empty_database, [folder]) == ["0001_half.sql"]


def test_ids_are_version_seven_and_sort_by_time() -> None:
    made = [new_id() for _ in range(3)]
    assert {i.version for i in made} == {7}
    assert len(set(made)) == 3


def test_a_cursor_comes_back_as_it_went() -> None:
    assert after_of(cursor_of("札幌市", 3), str, int) == ("札幌市", 3)
    assert after_of(None, str) is None


@pytest.mark.parametrize(
    ("cursor", "kinds"),
    [
        (cursor_of("a\0"), (str,)),
        (cursor_of("\ud800"), (str,)),
        (cursor_of(True), (int,)),
        (cursor_of(2**63), (int,)),
        (cursor_of("2026-01-01T00:00:00"), (datetime,)),
        (cursor_of("0001-01-01T00:00:00+09:00"), (datetime,)),
        (cursor_of("9999-12-31T23:59:59-09:00"), (datetime,)),
        (cursor_of(5), (datetime,)),
        (cursor_of("2026-02-30"), (date,)),
        (cursor_of("x", 1), (UUID, int)),
        (cursor_of(7), (UUID,)),
    ],
)
def test_what_no_database_can_be_asked_about_is_no_place_in_a_list(
    cursor: str, kinds: tuple[type, ...]
) -> None:
    with pytest.raises(Malformed):
        after_of(cursor, *kinds)


def test_a_place_is_read_as_the_kinds_it_is_made_of() -> None:
    at, day, one = datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 3), UUID(int=4)
    cursor = cursor_of(at.isoformat(), day.isoformat(), str(one))
    assert after_of(cursor, datetime, date, UUID) == (at, day, one)


@pytest.mark.parametrize("bad", ["x", "", "!!!", cursor_of("a"), cursor_of(1, 2, 3), "bnVsbA"])
def test_a_cursor_that_is_not_ours_is_refused(bad: Any) -> None:
    with pytest.raises(Malformed):
        after_of(bad, str, int)


def test_a_day_ends_at_japans_midnight() -> None:
    assert day_of(datetime(2023, 11, 30, 14, 59, tzinfo=UTC)) == date(2023, 11, 30)
    assert day_of(datetime(2023, 11, 30, 15, 0, tzinfo=UTC)) == date(2023, 12, 1)
