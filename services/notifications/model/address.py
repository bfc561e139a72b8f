"""Which addresses can be written to, and which names may stand in a mail to a stranger."""

import re
import unicodedata

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_LINK_LIKE = re.compile(r"://|www\.|@|[A-Za-z0-9-]+\.[A-Za-z]{2,}", re.IGNORECASE)
_LONGEST_NAME = 100


def usable(address: str) -> str | None:
    """``address`` as a mail server is told it, its domain in ASCII; None if it cannot be one."""
    local, at, domain = address.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(len(x) <= 63 and _LABEL.fullmatch(x) for x in labels):
        return None
    whole = f"{local}@{ascii_domain}"
    return whole if len(whole) <= 254 else None


def one_line(value: str) -> str:
    """``value`` on one line, without characters that cannot be seen or that turn text around."""
    shown = (" " if unicodedata.category(c) in _UNSEEN else c for c in value)
    return " ".join("".join(shown).split())


#: Control, format (among them those that reverse the direction), line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co"})


def shown_name(value: str, otherwise: str) -> str:
    """A name for a letter; ``otherwise`` where it looks like an address or a link.

    Anybody can ask for an account in any name; the name must not become an advertisement we mail.
    """
    name = one_line(value)[:_LONGEST_NAME]
    return otherwise if not name or _LINK_LIKE.search(name) else name
