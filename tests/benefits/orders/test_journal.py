"""The simulator's books outlive it: what was granted is not granted again, and no number is given twice."""

from datetime import date
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from chassis.ids import new_id
from services.benefits.provider_simulator.api import new_app
from services.benefits.provider_simulator.books import Asked, Books
from services.benefits.provider_simulator.journal import Journal
from tests.benefits.orders.granting import SIMULATOR

TODAY = date(2026, 11, 27)


def _asked() -> Asked:
    return Asked(order_id=new_id(), service_account_id="hp-1", resident_ref="R-1", amount=3000)


async def _ask(file: Path, method: str, path: str, body: Asked | None = None) -> dict[str, object]:
    """One request to a simulator that was started for it."""
    journal = Journal(file)
    app = new_app(journal.read(), SIMULATOR, journal)
    async with TestClient(TestServer(app)) as client:
        content = body.model_dump_json().encode() if body else None
        async with client.request(method, path, data=content) as answer:
            return dict(await answer.json())


async def test_a_grant_is_known_after_a_restart_and_no_number_is_given_twice(
    tmp_path: Path,
) -> None:
    file, asked = tmp_path / "provider" / "books.jsonl", _asked()
    path = f"/orders/{asked.order_id}"
    first = await _ask(file, "POST", path, asked)
    again = await _ask(file, "POST", path, asked)
    missing = await _ask(file, "GET", f"/orders/{new_id()}")
    back = await _ask(file, "POST", f"{path}/reversal")
    after = await _ask(file, "GET", path)
    assert (first["result"], again["result"]) == ("granted", "granted")
    assert first["transaction_id"] == again["transaction_id"]
    assert missing["result"] == "not_found"
    assert (back["result"], after["result"]) == ("reversed", "reversed")
    said = [one["answer_id"] for one in (first, again, missing, back, after)]
    assert len(set(said)) == len(said)
    entry = Journal(file).read().entries[asked.order_id]
    assert (entry.reversed, entry.times_asked) == (True, 2)


def test_a_line_that_was_cut_off_is_as_if_it_had_not_been_begun(tmp_path: Path) -> None:
    file, books = tmp_path / "books.jsonl", Books()
    journal, kept, cut = Journal(file), _asked(), _asked()
    for asked in (kept, cut):
        books.grant(asked, TODAY)
        journal.keep(books, asked.order_id)
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    found = Journal(file).read()
    assert list(found.entries) == [kept.order_id]
    assert found.entries[kept.order_id] == books.entries[kept.order_id]
    journal.keep(found, kept.order_id)
    assert list(Journal(file).read().entries) == [kept.order_id]


def test_without_a_file_the_books_are_empty(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none.jsonl").read().entries == {}
