"""The bytes of one of many mails, put together from parts; its plain twin is ``message_of``.

Writing a mail out in full takes milliseconds, nearly all of them for what is the same in each. Anything unusual
is written in full.
"""

import re
from base64 import b64encode
from email.utils import format_datetime
from functools import lru_cache
from uuid import UUID

from chassis.clock import now
from services.notifications.outside.mail import Mail, message_id, message_of

_USUAL = re.compile(r"[A-Za-z0-9._+-]{1,30}@[a-z0-9.-]{1,40}")
_LINE = 76
_LONGEST_HEADER = 78
_EOL = "\r\n"


def bytes_of(mail: Mail, sender: str) -> bytes:
    """The mail as it goes over the wire."""
    if mail.stop_link is None or mail.name or not _USUAL.fullmatch(mail.address):
        return message_of(mail, sender).as_bytes()
    origin, subject = _shared(mail.subject, sender)
    boundary = f"==============={mail.delivery_id.int % 10**19:019d}=="
    head = (
        origin,
        f"To: {mail.address}",
        subject,
        f"Date: {format_datetime(now())}",
        f"Message-ID: {message_id(mail.delivery_id, sender)}",
        "Auto-Submitted: auto-generated",
        _folded("List-Unsubscribe", f"<{mail.stop_link}>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Precedence: bulk",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;{_EOL} boundary="{boundary}"',
        f"Content-Language: {'en' if mail.language == 'en' else 'ja'}",
        "",
        f"--{boundary}",
        *_part("plain", mail.text),
        f"--{boundary}",
        *_part("html", mail.html, "MIME-Version: 1.0"),
        f"--{boundary}--",
        "",
    )
    return _EOL.join(head).encode("ascii")


@lru_cache(maxsize=100)
def _shared(subject: str, sender: str) -> tuple[str, str]:
    """From and Subject, as they stand in a mail that is written in full."""
    mail = Mail(UUID(int=0), "", sender, subject, "", "")
    headers = message_of(mail, sender).as_bytes().decode("ascii").partition(_EOL * 2)[0]
    unfolded = re.split(r"\r\n(?=\S)", headers)
    found = {line.partition(":")[0]: line for line in unfolded}
    return found["From"], found["Subject"]


def _part(kind: str, text: str, *more: str) -> tuple[str, ...]:
    lines = b"\r\n".join(text.encode().splitlines()) + b"\r\n"
    encoded = b64encode(lines).decode("ascii")
    return (
        f'Content-Type: text/{kind}; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        *more,
        "",
        *(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)),
        "",
    )


def _folded(name: str, value: str) -> str:
    line = f"{name}: {value}"
    return line if len(line) <= _LONGEST_HEADER else f"{name}:{_EOL} {value}"
