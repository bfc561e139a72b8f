"""What content says: notices (新着情報) and documents in versions (要領・様式). Nothing here is personal data."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.event import Fact


class NoticeText(BaseModel):
    """A notice in one language: plain text, blank lines between paragraphs, ``- `` before items of a list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str
    body: str = ""


class NoticeLink(BaseModel):
    """Where a notice leads: ``page`` (of the portal), ``file`` (of content) or ``outside``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    target: str
    label: str


class NoticeEntry(BaseModel):
    """A notice as its readers see it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    #: ``maintenance``, ``document``, ``list``, ``session`` or ``programme``.
    category: str
    #: Who may read it: ``public``, ``members``, ``municipality`` or ``provider``.
    audience: str
    #: By language: ``ja`` always, ``easy`` and ``en`` where they were written.
    texts: Mapping[str, NoticeText]
    links: tuple[NoticeLink, ...] = ()
    published_at: AwareDatetime
    take_down_at: AwareDatetime | None = None


class NoticeFact(Fact):
    """A fact about one notice."""

    notice_id: UUID


class NoticePublished(NoticeFact):
    """It can be read from now on."""

    type: ClassVar[str] = "content.notice.published.v1"
    notice: NoticeEntry
    #: The notice this one amends: whoever was told of that one is told of this one, and nobody else.
    amends: UUID | None = None
    #: ``correction``, ``cancellation`` or ``completion``, where it amends another.
    amendment: str | None = None
    #: The maintenance window it tells of.
    maintenance_id: UUID | None = None


class NoticeChanged(NoticeFact):
    """Its words were mended in place; ``changed`` names the fields. Nobody is told again."""

    type: ClassVar[str] = "content.notice.changed.v1"
    notice: NoticeEntry
    changed: tuple[str, ...]


class NoticeEnded(NoticeFact):
    """Its time is over; it came down as planned."""

    type: ClassVar[str] = "content.notice.ended.v1"


class NoticeWithdrawn(NoticeFact):
    """The secretariat took it back."""

    type: ClassVar[str] = "content.notice.withdrawn.v1"
    reason: str
    successor_id: UUID | None = None


class DocumentFile(BaseModel):
    """A file of a version, as it can be checked after a download."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None = None


class DocumentFact(Fact):
    """A fact about one document of the shelf, named for people by its ``slug``."""

    document_id: UUID
    slug: str


class DocumentVersionPublished(DocumentFact):
    """There is a new version; it binds from ``effective_on``."""

    type: ClassVar[str] = "content.document.version_published.v1"
    number: int
    #: What parties accept: the day from which it binds, 2023-05-26.
    name: str
    title: str
    #: Who may read it: ``public``, ``members``, ``municipality`` or ``provider``.
    access: str
    effective_on: date
    change_note: str
    files: tuple[DocumentFile, ...] = ()
    #: The notice that tells of it.
    notice_id: UUID | None = None


class DocumentAccepted(DocumentFact):
    """An organisation read a version and agreed to be bound by it."""

    type: ClassVar[str] = "content.document.accepted.v1"
    number: int
    name: str
    organisation_id: UUID
