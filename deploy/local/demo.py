"""The demo accounts: identity knows them, the launcher shows them."""

import base64
import hmac
import json
import struct
import subprocess
import time
import unicodedata

from deploy.local.passwords import keep_passwords
from deploy.local.places import PORTAL, ROOT
from deploy.local.record import Record
from deploy.local.screen import Screen
from deploy.local.stack import STACK, Copy, Surroundings, service_names
from deploy.local.trouble import Trouble


def run_of(record: Record) -> Surroundings:
    """What a run decided, read back from its record."""
    passwords = keep_passwords(PORTAL / "passwords.json", service_names())
    return Surroundings(record.run_id, record.ports, passwords, record.copies)


def accounts(record: Record) -> list[dict[str, str]]:
    """The demo accounts as identity tells them."""
    copy = Copy(next(process for process in STACK if process.name == "identity"), 1)
    done = subprocess.run(
        copy.command("demo", "accounts"),
        cwd=ROOT,
        env=run_of(record).environment(copy, preparing=True),
        capture_output=True,
        text=True,
    )
    try:
        found: list[dict[str, str]] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Trouble(f"identity does not tell its demo accounts: {' '.join(last)}") from None
    return found


def show(found: list[dict[str, str]], screen: Screen) -> None:
    """The demo accounts as a table."""
    found = [_with_code(account) for account in found]
    columns = list(dict.fromkeys(key for account in found for key in account))
    rows = [columns, *([str(account.get(key, "")) for key in columns] for account in found)]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(columns))]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        screen.show(f"  {'  '.join(cells)}".rstrip())


def _with_code(account: dict[str, str]) -> dict[str, str]:
    """The account with the code its authenticator app would show now."""
    secret = account.get("totp_secret")
    return {**account, "code_now": totp(secret, int(time.clock_gettime(0))) if secret else ""}


def totp(secret: str, at: int) -> str:
    """The six digits of RFC 6238 for ``secret`` at the second ``at``."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", at // 30), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _width(text: str) -> int:
    """How many columns a terminal gives ``text``; Japanese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
