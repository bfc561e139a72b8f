"""The simulator's books on disk: a line for each answer, so that a restart forgets no grant."""

from datetime import date
from pathlib import Path
from uuid import UUID

import orjson

from services.benefits.provider_simulator.books import Asked, Books, Entry


class Journal:
    """A file that is only added to; of an order, the last line counts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> Books:
        """The books as they were; a last line that was cut off was never answered with."""
        books = Books()
        if not self._file.exists():
            return books
        content = self._file.read_bytes()
        for line in content.splitlines(keepends=True):
            if line.endswith(b"\n"):
                told = orjson.loads(line)
                books.answers = told["answers"]
                if told["entry"] is not None:
                    entry = _entry(told["entry"])
                    books.entries[entry.asked.order_id] = entry
        if content and not content.endswith(b"\n"):
            self._file.write_bytes(content[: content.rfind(b"\n") + 1])
        return books

    def keep(self, books: Books, order_id: UUID) -> None:
        """Write down how an order stands, before anybody is answered."""
        entry = books.entries.get(order_id)
        told = {"answers": books.answers, "entry": _plain(entry) if entry else None}
        with self._file.open("ab") as file:
            file.write(orjson.dumps(told) + b"\n")


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "asked": entry.asked.model_dump(mode="json"),
        "granted_on": entry.granted_on,
        "transaction_id": entry.transaction_id,
        "reversed": entry.reversed,
        "refused": entry.refused,
        "times_asked": entry.times_asked,
    }


def _entry(told: dict[str, object]) -> Entry:
    on = told["granted_on"]
    return Entry(
        asked=Asked.model_validate(told["asked"]),
        granted_on=date.fromisoformat(str(on)) if on else None,
        transaction_id=str(told["transaction_id"]),
        reversed=bool(told["reversed"]),
        refused=bool(told["refused"]),
        times_asked=int(str(told["times_asked"])),
    )
