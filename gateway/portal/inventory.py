"""Every address of the portal on one page: ``python -m gateway.portal.inventory > docs/pages.md``."""

import re

from gateway.portal.pages import ALL
from gateway.portal.routes import Page

_HEAD = """# Pages

Generated from the pages' own declarations (`python -m gateway.portal.inventory > docs/pages.md`); a test holds it true.
`all` needs no sign-in, `residents` a card; a role behind the door's name is needed on top of the door.

| address | how | who | what |
|---|---|---|---|
"""


def inventory() -> str:
    """The page as Markdown."""
    rows = sorted(ALL, key=lambda page: (_plain(page.path), page.method))
    return _HEAD + "".join(_row(page) for page in rows)


def _row(page: Page) -> str:
    who = ", ".join(sorted(page.organisations)) or ("residents" if page.residents else "all")
    if page.roles:
        who += f" ({', '.join(sorted(page.roles))})"
    what = (page.show.__doc__ or "").partition("\n")[0]
    return f"| `{_plain(page.path)}` | {page.method} | {who} | {what} |\n"


def _plain(path: str) -> str:
    """The address without the patterns of its parts; where the pattern is a choice, the choice."""
    choices = re.sub(r"\{[a-z_]+:([a-z|-]+)\}", lambda m: f"{{{m[1].replace('|', ',')}}}", path)
    return re.sub(r"\{([a-z_]+):[^/]*\}", r"{\1}", choices)


if __name__ == "__main__":
    print(inventory(), end="")  # noqa: T201 - this is what it is for
