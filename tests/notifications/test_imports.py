"""Where an import takes long, whoever handed the file in hears of its end; of some seconds nobody is told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

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

_OTHER, _THIRD, _GONE = (type(AOBA)(int=number) for number in (78, 79, 80))


async def _people(conn: Connection) -> None:
    await contacts.save_organisation(conn, AOBA, OrganisationKind.MUNICIPALITY, "青葉市")
    people = ((HANAKO, Role.EDITOR), (_OTHER, Role.VIEWER), (_THIRD, Role.ADMIN))
    for who, role in people:
        address = f"{role}@aoba.example"
        await contacts.save_contact(conn, Contact(who, AOBA, frozenset({role}), "花子", address))


async def _written(conn: Connection) -> list[tuple[Any, ...]]:
    rows = await conn.fetch(
        "SELECT template, address FROM letters JOIN deliveries USING (letter_id)"
        " WHERE template LIKE 'import%' ORDER BY address"
    )
    return [tuple(row) for row in rows]


_FACTS = pytest.mark.parametrize(
    ("fact", "template"),
    [(registry.ImportRead, "import_read"), (registry.ImportEnded, "import_ended")],
)


@_FACTS
async def test_a_letter_goes_to_the_member_who_handed_the_file_in_and_to_nobody_else(
    conn: Connection, hear: Hear, fact: type[Fact], template: str
) -> None:
    await _people(conn)
    await hear(conn, example(fact, member_id=HANAKO))
    assert await _written(conn) == [(template, "editor@aoba.example")]
    row = await conn.fetchrow("SELECT member_id, text FROM letters WHERE template = $1", template)
    assert row is not None and row["member_id"] == HANAKO
    assert "あて先：青葉市 花子さま" in row["text"]


@_FACTS
@pytest.mark.parametrize("member_id", [None, _GONE], ids=["a machine", "one who has left"])
async def test_where_nobody_is_known_who_handed_it_in_those_hear_of_it_who_can_go_on(
    conn: Connection, hear: Hear, fact: type[Fact], template: str, member_id: UUID | None
) -> None:
    await _people(conn)
    await hear(conn, example(fact, member_id=member_id))
    assert await _written(conn) == [
        (template, "admin@aoba.example"),
        (template, "editor@aoba.example"),
    ]


async def test_a_member_of_another_organisation_is_never_written_to(
    conn: Connection, hear: Hear
) -> None:
    await _people(conn)
    other = type(AOBA)(int=81)
    await contacts.save_organisation(conn, other, OrganisationKind.MUNICIPALITY, "若葉市")
    stranger = Contact(_GONE, other, frozenset({Role.EDITOR}), "次郎", "editor@wakaba.example")
    await contacts.save_contact(conn, stranger)
    await hear(conn, example(registry.ImportRead, member_id=_GONE))
    assert "editor@wakaba.example" not in [address for _, address in await _written(conn)]


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
