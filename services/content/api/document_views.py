"""Documents as readers get them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.content.api.files import FileView, file_view
from services.content.model.document import Document, Version, in_force
from services.content.model.files.file import File
from services.content.model.text import Block, Difference, blocks_of, differences


class VersionRef(BaseModel):
    """A version by its number and its day."""

    number: int
    name: str
    effective_on: date


class VersionItem(VersionRef):
    """A line of a document's history."""

    title: str
    change_note: str
    published_at: datetime
    in_force: bool
    notice_id: UUID | None


class DocumentItem(VersionRef):
    """A document with the version that binds on a day."""

    document_id: UUID
    slug: str
    shelf: str
    access: str
    title: str
    about: str
    change_note: str
    files: list[FileView]
    #: A version that is published and does not bind yet.
    upcoming: VersionRef | None
    #: For ``If-Match`` when a version is added.
    version: int


class DocumentView(DocumentItem):
    """One version in full: its reading copy, what changed, and all the others."""

    language: str
    languages: list[str]
    text: str
    blocks: list[Block]
    in_force: bool
    published_at: datetime
    #: Line by line against the version before; empty for the first.
    differences: list[Difference]
    versions: list[VersionItem]


class DocumentList(BaseModel):
    """The shelf on a day."""

    as_of: date
    items: list[DocumentItem]


class BoundView(BaseModel):
    """Which text bound a party on a day."""

    slug: str
    organisation_id: UUID
    on: date
    #: What was in force that day, accepted or not.
    in_force: VersionRef | None
    #: What the party had accepted by then: that is what bound it.
    bound: VersionRef | None
    accepted_at: datetime | None


def ref_of(version: Version) -> VersionRef:
    """A version by its number and its day."""
    return VersionRef(number=version.number, name=version.name, effective_on=version.effective_on)


def item_of(
    document: Document, shown: Version, versions: list[Version], files: list[File], day: date
) -> DocumentItem:
    """A document with one of its versions, as it looks on a day."""
    later = next((v for v in versions if v.effective_on > day), None)
    return DocumentItem(
        document_id=document.id,
        slug=document.slug,
        shelf=document.shelf,
        access=document.access,
        number=shown.number,
        name=shown.name,
        effective_on=shown.effective_on,
        title=shown.title,
        about=shown.about,
        change_note=shown.change_note,
        files=[file_view(file) for file in files],
        upcoming=ref_of(later) if later and later.number != shown.number else None,
        version=document.version,
    )


def view_of(
    item: DocumentItem, shown: Version, versions: list[Version], language: str, day: date
) -> DocumentView:
    """One version in full, in a language or in Japanese where it is missing."""
    written = shown.texts.model_dump(exclude_none=True)
    spoken = language if language in written else "ja"
    before = next((v for v in versions if v.number == shown.number - 1), None)
    now = in_force(versions, day)
    return DocumentView(
        **item.model_dump(),
        language=spoken,
        languages=[*written],
        text=written[spoken],
        blocks=blocks_of(written[spoken]),
        in_force=now is not None and now.number == shown.number,
        published_at=shown.published_at,
        differences=differences(before.texts.ja, shown.texts.ja) if before else [],
        versions=[_line(v, now) for v in reversed(versions)],
    )


def _line(version: Version, now: Version | None) -> VersionItem:
    return VersionItem(
        **ref_of(version).model_dump(),
        title=version.title,
        change_note=version.change_note,
        published_at=version.published_at,
        in_force=now is not None and now.number == version.number,
        notice_id=version.notice_id,
    )
