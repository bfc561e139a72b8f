"""What a notice says: checked words in up to three languages, and where they lead."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from contracts.content import NoticeLink, NoticeText
from services.content.model.audience import Audience
from services.content.model.text import one_line, plain

LANGUAGES = ("ja", "easy", "en")
Language = Literal["ja", "easy", "en"]
_PAGE = re.compile(r"^/(?!/)[A-Za-z0-9_./?=&%-]*$")
_HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")

Line = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(one_line)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(plain)]


class Category(StrEnum):
    """What a notice is about: 保守・資料・一覧・説明会・制度."""

    MAINTENANCE = "maintenance"
    DOCUMENT = "document"
    LIST = "list"
    SESSION = "session"
    PROGRAMME = "programme"


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Text(_Written):
    """Title and body in one language."""

    title: Line
    body: Prose = ""


class Texts(_Written):
    """The same in each language; Japanese always."""

    ja: Text
    easy: Text | None = None
    en: Text | None = None


class Link(_Written):
    """Where it leads, and what the link is called."""

    kind: Literal["page", "file", "outside"]
    target: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    label: Line

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Link":
        check = {"page": _page, "file": _file, "outside": _outside}[self.kind]
        check(self.target)
        return self


def _page(target: str) -> None:
    if not _PAGE.match(target) or ".." in target:
        raise ValueError("link_page|ポータルのページは /lists のように入れてください。")


def _file(target: str) -> None:
    try:
        UUID(target)
    except ValueError:
        raise ValueError("link_file|一覧にある資料の番号を入れてください。") from None


def _outside(target: str) -> None:
    parts = urlsplit(target)
    host = parts.hostname or ""
    if (
        parts.scheme != "https"
        or parts.username
        or not _HOST.match(host)
        or not target.isprintable()
    ):
        raise ValueError("link_outside|外のページは https:// から始まるアドレスを入れてください。")


class Writing(_Written):
    """Everything an edition of a notice holds."""

    category: Annotated[Category, Field(strict=False)]
    audience: Annotated[Audience, Field(strict=False)] = Audience.PUBLIC
    texts: Texts
    links: Annotated[list[Link], Field(max_length=10)] = []

    def said(self) -> Mapping[str, NoticeText]:
        """The words by language, as facts carry them."""
        written = {name: getattr(self.texts, name) for name in LANGUAGES}
        return {n: NoticeText(title=t.title, body=t.body) for n, t in written.items() if t}

    def links_said(self) -> tuple[NoticeLink, ...]:
        """The links, as facts carry them."""
        return tuple(NoticeLink(kind=k.kind, target=k.target, label=k.label) for k in self.links)

    def changed_from(self, before: "Writing") -> tuple[str, ...]:
        """The fields that are not as they were."""
        names = ("category", "audience", "texts", "links")
        return tuple(n for n in names if getattr(self, n) != getattr(before, n))
