"""Where caught mails lie: one SQLite file, so that they are still there after a restart."""

import re
import sqlite3
from dataclasses import asdict, dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default as reading
from pathlib import Path
from typing import Any

_KEPT = 10_000
_LINK = re.compile(r"https?://[^\s<>\"'）」]+")

_TABLE = """
CREATE TABLE IF NOT EXISTS mails (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    sender      TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    raw         BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tries (recipient TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail as a reader sees it."""

    id: int
    received_at: str
    envelope_from: str
    to: str
    subject: str
    sender: str
    message_id: str
    text: str
    html: str
    links: list[str]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Headline:
    """One mail in the list."""

    id: int
    received_at: str
    to: str
    subject: str


class Shelf:
    """The last mails, many enough for a day of trying things out."""

    def __init__(self, folder: Path, kept: int = _KEPT) -> None:
        self._kept = kept
        folder.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(folder / "mails.sqlite3", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.executescript(_TABLE)

    def put(self, sender: str, recipient: str, raw: bytes) -> int:
        """Keep a mail; it is on the disk when this returns."""
        row = self._file.execute(
            "INSERT INTO mails (sender, recipient, raw) VALUES (?, ?, ?) RETURNING id",
            (sender, recipient, raw),
        ).fetchone()
        self._file.execute("DELETE FROM mails WHERE id <= ?", (row[0] - self._kept,))
        return int(row[0])

    def mails(self, to: str | None = None, after: int = 0) -> list[Caught]:
        """Mails to an address (or all), newest first."""
        rows = self._file.execute(
            "SELECT id, received_at, sender, recipient, raw FROM mails"
            " WHERE (?1 IS NULL OR recipient = ?1 COLLATE NOCASE) AND id > ?2 ORDER BY id DESC",
            (to, after),
        )
        return [_read(*row) for row in rows]

    def headlines(self, to: str | None, limit: int) -> list[Headline]:
        """The newest mails to an address (or all); of each only its head is read."""
        rows = self._file.execute(
            "SELECT id, received_at, recipient, raw FROM mails"
            " WHERE (?1 IS NULL OR recipient = ?1 COLLATE NOCASE) ORDER BY id DESC LIMIT ?2",
            (to, limit),
        )
        head = BytesHeaderParser(policy=reading).parsebytes
        return [
            Headline(number, received_at, recipient, str(head(raw)["Subject"] or ""))
            for number, received_at, recipient, raw in rows
        ]

    def mail(self, number: int) -> Caught | None:
        """One mail."""
        row = self._file.execute(
            "SELECT id, received_at, sender, recipient, raw FROM mails WHERE id = ?", (number,)
        ).fetchone()
        return _read(*row) if row else None

    def raw(self, number: int) -> bytes | None:
        """One mail as it came over the wire."""
        row = self._file.execute("SELECT raw FROM mails WHERE id = ?", (number,)).fetchone()
        return bytes(row[0]) if row else None

    def clear(self) -> None:
        """Throw all mails away."""
        self._file.execute("DELETE FROM mails")

    def tried(self, recipient: str) -> int:
        """How often somebody tried to write to this address, this time included."""
        row = self._file.execute(
            "INSERT INTO tries VALUES (?, 1) ON CONFLICT (recipient)"
            " DO UPDATE SET count = count + 1 RETURNING count",
            (recipient,),
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _read(number: int, received_at: str, sender: str, recipient: str, raw: bytes) -> Caught:
    message = message_from_bytes(raw, policy=reading)
    text = _part(message, "plain")
    return Caught(
        id=number,
        received_at=received_at,
        envelope_from=sender,
        to=recipient,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        message_id=str(message["Message-ID"] or ""),
        text=text,
        html=_part(message, "html"),
        links=list(dict.fromkeys(_LINK.findall(text))),
    )


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    text = str(found.get_content()) if found is not None else ""
    return text.replace("\r\n", "\n")
