"""Documents of the shelf in versions: which binds on a day, and whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chassis.refusal import Conflict, FieldError, Forbidden, Invalid, Stale
from contracts.values import OrganisationKind
from services.content.model.audience import Audience, readable_by
from services.content.model.text import one_line
from services.content.model.writing import Category, Line, Link, Prose, Text, Texts, Writing

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(one_line)]
_EARLIEST, _FURTHEST = date(2016, 4, 1), timedelta(days=366 * 2)


class Shelf(StrEnum):
    """Whose shelf a document stands on."""

    MUNICIPALITY = "municipality"
    PROVIDER = "provider"


class ReadingCopies(BaseModel):
    """The text of a version by language, to be read as a page."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    ja: Annotated[Prose, Field(min_length=1)]
    easy: Prose | None = None
    en: Prose | None = None


class VersionForm(BaseModel):
    """What the secretariat fills in for a new version."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: Line
    about: Note
    effective_on: Annotated[date, Field(strict=False)]
    change_note: Note
    texts: ReadingCopies
    files: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(max_length=10)] = []
    #: A notice that already tells of it; without one a notice is made.
    notice_id: Annotated[UUID, Field(strict=False)] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document without its versions."""

    id: UUID
    slug: str
    shelf: Shelf
    access: Audience
    created_at: datetime
    newest: int = 0
    version: int = 1
    revision: int = 0
    said_at: datetime | None = None

    def expected(self, version: int | None) -> "Document":
        """This document, if it still is the version that was seen."""
        if version is not None and version != self.version:
            detail = "ほかの方が先にこの資料を変えました。いまの内容を読み直してください。"
            raise Stale("version-stale", detail)
        return self

    def with_version(self, now: datetime) -> "Document":
        """With one version more; this is said."""
        return replace(self.said(now), newest=self.newest + 1, version=self.version + 1)

    def said(self, now: datetime) -> "Document":
        """With one fact more."""
        after = self.said_at + timedelta(microseconds=1) if self.said_at else now
        return replace(self, revision=self.revision + 1, said_at=max(now, after))

    def read_by(self, kind: OrganisationKind | None) -> None:
        """Refuse somebody it is not for."""
        if self.access not in readable_by(kind):
            raise Forbidden("document-closed", "この資料を読めるのは、対象の団体の方だけです。")


@dataclass(frozen=True, slots=True)
class Version:
    """One version; its name is the day from which it binds."""

    document_id: UUID
    number: int
    effective_on: date
    title: str
    about: str
    change_note: str
    texts: ReadingCopies
    notice_id: UUID | None
    published_at: datetime

    @property
    def name(self) -> str:
        """What parties accept: 2023-05-26."""
        return self.effective_on.isoformat()


def in_force(versions: list[Version], day: date) -> Version | None:
    """The version that binds on a day, if there is one."""
    begun = [v for v in versions if v.effective_on <= day]
    return max(begun, key=lambda v: v.number, default=None)


def follows(form: VersionForm, newest: Version | None, today: date) -> None:
    """Refuse a version that does not come after the one before, or lies out of reach."""
    day = form.effective_on
    if newest is not None and day <= newest.effective_on:
        words = newest.effective_on.isoformat()
        raise _wrong("version_order", f"前の版の日（{words}）より後の日を入れてください。")
    if not _EARLIEST <= day <= today + _FURTHEST:
        raise _wrong("day_out_of_reach", "適用日は、2016年4月から2年先までの日を入れてください。")


def bound_by(
    versions: list[Version], accepted: Sequence[tuple[date, datetime]], day: date
) -> tuple[Version, datetime] | None:
    """The text that bound a party on a day: of those it had accepted and that had begun, the newest."""
    at = dict(accepted)
    agreed = [v for v in versions if v.effective_on <= day and v.effective_on in at]
    newest = max(agreed, key=lambda v: v.number, default=None)
    return (newest, at[newest.effective_on]) if newest else None


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid("version-refused", detail, errors=[FieldError("effective_on", code, detail)])


def acceptable(version: Version, versions: list[Version], today: date) -> None:
    """Refuse the acceptance of a version that another has taken the place of."""
    now = in_force(versions, today)
    if now is not None and version.number < now.number:
        detail = f"この版は、{now.name} の版に替わりました。いまの版を読んで同意してください。"
        raise Conflict("version-replaced", detail)


def notice_of(document: Document, form: VersionForm, *, first: bool) -> Writing:
    """The notice a version makes by itself."""
    day = form.effective_on
    on = f"{day.year}年{day.month}月{day.day}日"
    act: Literal["公開しました", "改めました"] = "公開しました" if first else "改めました"
    title = f"{form.title}を{act}（{on}版）"
    page = f"/documents/{document.slug}"
    body = f"{form.change_note}\n\n- 適用日：{on}\n- 変わったところは、資料のページで見られます。"
    easy = Text(title=f"{form.title}が あたらしく なりました", body=f"{on}から つかいます。")
    verb = "published" if first else "revised"
    english = Text(
        title=f"{document.slug}: {verb} ({day.isoformat()})",
        body=f"In force from {day.isoformat()}.",
    )
    return Writing(
        category=Category.DOCUMENT,
        audience=document.access,
        texts=Texts(ja=Text(title=title, body=body), easy=easy, en=english),
        links=[Link(kind="page", target=page, label=form.title)],
    )
