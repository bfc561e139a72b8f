"""Documents get versions, and organisations accept them."""

from datetime import date, datetime
from uuid import UUID

from chassis.clock import day_of
from chassis.database import Connection
from chassis.ids import new_id
from chassis.outbox import publish
from chassis.refusal import FieldError, Invalid
from contracts.content import DocumentAccepted, DocumentFile, DocumentVersionPublished
from services.content.commands import drafts, publication
from services.content.commands.files import checked_files
from services.content.model.audience import Audience
from services.content.model.document import (
    Document,
    Shelf,
    Version,
    VersionForm,
    acceptable,
    follows,
    notice_of,
)
from services.content.model.files.file import File
from services.content.model.notice import Origin, State
from services.content.store import documents, notices

#: A notice in one of these states tells readers, will, or did.
_TELLING = frozenset({State.SCHEDULED, State.PUBLISHED, State.ENDED})


async def begin(
    conn: Connection, slug: str, *, shelf: Shelf, access: Audience, place: int, now: datetime
) -> Document:
    """A document without a version yet; readers do not see it."""
    new = Document(id=new_id(), slug=slug, shelf=shelf, access=access, created_at=now)
    await documents.add_document(conn, new, place)
    return new


async def publish_version(
    conn: Connection, slug: str, form: VersionForm, expected: int | None, *, by: str, now: datetime
) -> Version:
    """A new version, and the notice that tells of it, in one transaction."""
    before = (await documents.document_for_update(conn, slug)).expected(expected)
    earlier = await documents.versions_of(conn, before.id)
    follows(form, earlier[-1] if earlier else None, day_of(now))
    files = await checked_files(conn, form.files)
    after = before.with_version(now)
    version = Version(
        document_id=after.id,
        number=after.newest,
        effective_on=form.effective_on,
        title=form.title,
        about=form.about,
        change_note=form.change_note,
        texts=form.texts,
        notice_id=await _notice_for(conn, before, form, by, now),
        published_at=now,
    )
    await documents.add_version(conn, version, form.files, by)
    await documents.save_document(conn, after)
    publish(conn, _said(after, version, files))
    return version


async def _notice_for(
    conn: Connection, document: Document, form: VersionForm, by: str, now: datetime
) -> UUID:
    if form.notice_id is not None:
        named = await notices.notice(conn, form.notice_id)
        if named.state not in _TELLING:
            detail = "公開したか、公開する日時を決めたお知らせを選んでください。"
            errors = [FieldError("notice_id", "notice_untold", detail)]
            raise Invalid("notice-untold", detail, errors=errors)
        return named.id
    writing = notice_of(document, form, first=document.newest == 0)
    draft = await drafts.begin(conn, writing, by=by, now=now, origin=Origin.DOCUMENT)
    return (await publication.schedule(conn, draft.id, None, None, None, by=by, now=now)).id


def _said(after: Document, version: Version, files: list[File]) -> DocumentVersionPublished:
    return DocumentVersionPublished.model_validate(
        {
            **_of(after),
            "number": version.number,
            "name": version.name,
            "title": version.title,
            "access": after.access,
            "effective_on": version.effective_on,
            "change_note": version.change_note,
            "files": [_file(file) for file in files],
            "notice_id": version.notice_id,
        }
    )


def _file(file: File) -> DocumentFile:
    return DocumentFile(
        file_id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        pages=file.pages,
    )


async def accept(
    conn: Connection, slug: str, number: int, organisation_id: UUID, *, by: str, now: datetime
) -> Version | None:
    """An organisation agrees to a version that binds or will bind; None if there is no such version."""
    document = await documents.document_for_update(conn, slug)
    versions = await documents.versions_of(conn, document.id)
    version = next((v for v in versions if v.number == number), None)
    if version is None:
        return None
    acceptable(version, versions, day_of(now))
    day = version.effective_on
    if await documents.accept(conn, slug, day, organisation_id, by=by, now=now):
        after = document.said(now)
        await documents.save_document(conn, after)
        fact = {**_of(after), "number": number, "name": version.name}
        publish(conn, DocumentAccepted.model_validate({**fact, "organisation_id": organisation_id}))
    return version


async def accepted_elsewhere(
    conn: Connection, slug: str, name: date, organisation_id: UUID, *, by: str, now: datetime
) -> None:
    """Keep an acceptance the register took with a registration; the register has said it already."""
    await documents.accept(conn, slug, name, organisation_id, by=by, now=now)


def _of(after: Document) -> dict[str, object]:
    return {
        "document_id": after.id,
        "slug": after.slug,
        "revision": after.revision,
        "occurred_at": after.said_at,
    }
