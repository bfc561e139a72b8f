"""The languages beside Japanese: pages are written once, in Japanese, and read in another tongue by its catalogue."""

import re

from gateway.portal.tongues.catalogue import Tongue

#: By the first part of an address: easy Japanese and English.
TONGUES = {"easy": Tongue.named("easy"), "en": Tongue.named("en")}
#: Templates, or folders of them, every word of which is in the catalogues; the others are shown in Japanese.
_SPOKEN = ("my/", "errors/", "search/apply", "search/check", "search/easy", "search/measure")
#: Where a page leads to; a link that says its language leads into that.
_LEADS = re.compile(
    r'(<(?:a|form|button)\b(?![^>]*\bhreflang=)[^>]*?\b(?:href|action|formaction)=")(/[^"]*)'
)
#: Doors whose pages are in Japanese alone, and what is no page at all.
_JAPANESE = frozenset({"api", "static", "desk", "ops", "municipality", "provider", "secretariat"})


def variant_of(path: str) -> str:
    """The language an address asks for: ``ja``, ``easy`` or ``en``."""
    first = _first(path)
    return first if first in TONGUES else "ja"


def plain_path(path: str) -> str:
    """An address without its language."""
    variant = variant_of(path)
    return path if variant == "ja" else path.removeprefix(f"/{variant}") or "/"


def address_in(variant: str, address: str) -> str:
    """The same address in a language; as it is where it has none, or says its own."""
    ours = address.startswith("/") and not address.startswith("//")
    if variant not in TONGUES or not ours or variant_of(address) != "ja":
        return address
    if _first(address) in _JAPANESE:
        return address
    return f"/{variant}{address}" if address[1:2] not in ("", "?") else f"/{variant}{address[1:]}"


def leading_on(variant: str, page: str) -> str:
    """A page whose links and forms lead on in its language."""
    if variant not in TONGUES:
        return page
    return _LEADS.sub(lambda found: found[1] + address_in(variant, found[2]), page)


def spoken(variant: str, template: str) -> Tongue | None:
    """The tongue a template is read in; None where it is shown in Japanese."""
    return TONGUES.get(variant) if template.startswith(_SPOKEN) else None


def _first(path: str) -> str:
    return path.partition("?")[0].strip("/").partition("/")[0]
