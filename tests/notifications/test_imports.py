"""Where an import takes long, those who can go on hear of its end; of some seconds nobody is told."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.database import Connection
from contracts import registry
from contracts.event import Fact
from contracts.principal import Role
from contracts.values import OrganisationKind
from services.notifications.model.letter import Contact
from services.notifications.store import contacts
from tests.notifications.rooms import AOBA, HANAKO, Hear
from tests.notifications.test_measures import example

_OTHER = type(AOBA)(int=78)


async def _people(conn: Connection) -> None:
    await contacts.save_organisation(conn, AOBA, OrganisationKind.MUNICIPALITY, "青葉市")
    for who, role in ((HANAKO, Role.EDITOR), (_OTHER, Role.VIEWER)):
        address = f"{role}@aoba.example"
        await contacts.save_contact(conn, Contact(who, AOBA, frozenset({role}), "花子", address))


async def _written(conn: Connection) -> list[tuple[Any, ...]]:
    rows = await conn.fetch(
        "SELECT template, address FROM letters JOIN deliveries USING (letter_id)"
        " WHERE template LIKE 'import%' ORDER BY address"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("fact", "template"),
    [(registry.ImportRead, "import_read"), (registry.ImportEnded, "import_ended")],
)
async def test_a_letter_goes_to_those_who_can_go_on(
    conn: Connection, hear: Hear, fact: type[Fact], template: str
) -> None:
    await _people(conn)
    await hear(conn, example(fact))
    assert await _written(conn) == [(template, "editor@aoba.example")]


async def test_what_took_some_seconds_is_not_worth_a_letter(conn: Connection, hear: Hear) -> None:
    await _people(conn)
    long = example(registry.ImportRead)
    since = long.occurred_at - timedelta(seconds=9)
    await hear(conn, example(registry.ImportRead, since=since))
    assert await _written(conn) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"faulty": 0}, "取り込むかどうかを決めてください"),
        ({"faulty": 1200}, "1,200行あります"),
        ({"reason": "文字の書き方が読み取れません。"}, "何も変わっていません"),
    ],
)
async def test_the_letter_says_what_is_to_be_done(
    conn: Connection, hear: Hear, changes: dict[str, Any], words: str
) -> None:
    await _people(conn)
    await hear(conn, example(registry.ImportRead, **changes))
    assert words in await conn.fetchval("SELECT text FROM letters WHERE template = 'import_read'")
